import { describe, expect, it } from 'vitest';
import { createStatement, type StatementInput } from '../../../src/certificate/create-statement';
import { describeCertificate, type Description } from '../../../src/certificate/describe';
import { toMarkdown } from '../../../src/certificate/markdown';
import { verifyCertificate } from '../../../src/certificate/verify';
import { exampleInput, exampleMechanism, hexDigest, keys, modelFiles, signed, signer } from './example';

async function described(changes: Partial<StatementInput> = {}, options: Partial<Parameters<typeof verifyCertificate>[1]> = {}): Promise<Description> {
  const bytes = await signed(createStatement(exampleInput(changes)));
  return describeCertificate(await verifyCertificate(bytes, { trustedKeys: [keys.publicKey], modelFiles, ...options }));
}

describe('the description of a certificate', () => {
  it('says in plain words what was forgotten and what is guaranteed', async () => {
    const { outcome, content, verdicts } = await described();
    expect(outcome).toBe('verified');
    expect(verdicts.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass', 'asserted']);
    expect(content?.forgotten).toEqual([
      '7 records were forgotten; 59993 records were retained.',
      'No exact copy of a forgotten record is left among the retained ones.',
      'Request ticket 17 of 2025-11-23 (GDPR Art. 17(1)(b))',
    ]);
    // The best guess is right Φ(μ/2) of the time: Φ(0.1) = 0.53983, rounded up to a tenth of a percent. e¹ = 2.71828.
    expect(content?.guarantee).toEqual([
      '(ε, δ)-unlearning with ε = 1 and δ = 0.00001.',
      'Whatever anyone concludes from the released model, the chance of it differs from what it would be with a model made by the same procedure from training data that never had the forgotten records by a factor of at most e^ε = 2.71828, and δ on top.',
      'Someone who must guess which of the two a model is, each being equally likely, is right at most 54 % of the time; tossing a coin is right 50 %.',
      'Against the retrained reference the schedule costs ε = 0.725522 (μ = 0.2), against the centre reference ε = 0.340669 (μ = 0.1), at the same δ.',
    ]);
    expect(content?.schedule).toEqual([{ first: 1, last: 100, learningRate: 0.01, decay: 0, gradientRadius: 1, sigma: 2 }]);
    expect(content?.files).toEqual([{ name: 'mnist.unlearned.h5', sha256: hexDigest('released model'), state: 'matches' }]);
  });

  it('says what was decided of copies and of records that resemble a forgotten one', async () => {
    const input = exampleInput();
    const assumptions = input.assumptions.map((entry) => (entry.id === 2 ? { ...entry, status: 'stated' as const } : entry));
    const data = { ...input.data, duplicatesInRetain: { policy: 'decided', keptCount: 1, forgottenCount: 2 }, nearDuplicatesInRetain: { policy: 'decided', keptCount: 5, forgottenCount: 3 } } as const;
    expect((await described({ data, assumptions })).content?.forgotten.slice(1, 3)).toEqual([
      '1 exact copy of forgotten records stayed among the retained ones by choice. 2 exact copies were forgotten with them by choice.',
      'Records that resemble a forgotten one without being equal to it were looked for: 3 of those found were forgotten too, 5 kept.',
    ]);
  });

  it('calls a certificate refuted when one verdict fails and open when one is unknown', async () => {
    const refuted = await described({}, { modelFiles: new Map([['mnist.unlearned.h5', hexDigest('other')]]) });
    expect(refuted.outcome).toBe('refuted');
    expect(refuted.summary).toContain('mnist.unlearned.h5 is different');
    expect((await described({}, { modelFiles: undefined })).outcome).toBe('open');
  });

  it('shows what is not validly signed only when asked, flagged, and without a recomputed sentence', async () => {
    const hidden = await described({}, { trustedKeys: [] });
    expect(hidden).toMatchObject({ outcome: 'open', unverified: true, content: undefined });
    const shown = await described({}, { trustedKeys: [], showUnverified: true });
    expect(shown.unverified).toBe(true);
    expect(shown.content?.guarantee.join(' ')).not.toContain('guess');
    expect(toMarkdown(shown)).toContain('**Not validly signed: nothing below may be relied on.**');
  });

  it('numbers the steps of a schedule through its runs, and lists copies that were kept', async () => {
    const { data, assumptions } = exampleInput();
    const [step] = exampleMechanism.steps;
    if (step === undefined) throw new Error('the example has steps');
    const steps = [{ ...step, count: 30 }, { ...step, sigma: 2.5, count: 70 }];
    const { content } = await described({
      mechanism: { ...exampleMechanism, steps },
      run: { ...exampleInput().run, mechanism: { ...exampleMechanism, steps } },
      data: { ...data, duplicatesInRetain: { policy: 'keep', keptCount: 1 } },
      assumptions: assumptions.map((entry) => ({ ...entry, status: 'stated' })),
      forgetRequests: undefined,
      recovery: undefined,
      metrics: { retain: { count: 10, loss: 1 } },
    });
    expect(content?.schedule.map(({ first, last }) => [first, last])).toEqual([[1, 30], [31, 100]]);
    expect(content?.forgotten[1]).toBe('1 exact copy of forgotten records stayed among the retained ones by choice.');
    expect(content?.notGuaranteed.at(-1)).toContain('1 retained record is an exact copy');
    expect(content?.facts.find(({ label }) => label === 'Recovery')?.value).toBe('none');
    expect(content?.metrics).toEqual([{ data: 'retained records', records: 10, loss: 1, accuracy: undefined }]);
  });

  it('becomes Markdown in which nothing from the certificate is markup', async () => {
    const evil = '<img src=x onerror=alert(1)> [a](javascript:alert(1)) ![b](https://example.org/x.png) | `c` **d** https://example.org www.example.org';
    const [kernel, ...rest] = exampleInput().coverage;
    if (kernel === undefined) throw new Error('the example has tensors');
    const description = await described({
      software: { name: evil, version: evil },
      coverage: [{ ...kernel, why: evil }, ...rest],
      forgetRequests: [{ reference: evil, basis: evil }],
      assumptions: exampleInput().assumptions.map((entry) => ({ ...entry, enforcement: evil })),
      limits: [evil],
    });
    expect(description.content?.coverage[0]?.why).toBe(evil);
    const markdown = toMarkdown(description);
    expect(markdown).not.toMatch(/<|[^\\]\]|https?:\/\/|www\.|[^\\]`|[^\\]\*\*d/);
    const rows = markdown.split('\n').filter((line) => line.includes('dense/kernel'));
    // Five cells have six bars; those from the certificate are escaped.
    expect(rows.map((row) => row.match(/(?<!\\)\|/g)?.length)).toEqual([6]);
    expect(toMarkdown(await described()).replaceAll(signer.fingerprint, 'FINGERPRINT')).toMatchSnapshot();
  });
});
