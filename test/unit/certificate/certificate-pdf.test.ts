import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { describe, expect, it } from 'vitest';
import { createStatement, type StatementInput } from '../../../src/certificate/create-statement';
import { describeCertificate } from '../../../src/certificate/describe';
import { certificatePdf } from '../../../src/certificate/pdf/certificate-pdf';
import { verifyCertificate } from '../../../src/certificate/verify';
import { Language } from '../../../src/language';
import { privacySpent } from '../../../src/plan/privacy-spent';
import { exampleInput, exampleMechanism, keys, modelFiles, signed } from './example';

const font = (name: string): Uint8Array => readFileSync(createRequire(__filename).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));
const fonts = { regular: font('DejaVuSansCondensed'), bold: font('DejaVuSansCondensed-Bold') };

const german = new Language('de', JSON.parse(readFileSync('l10n/bundle.l10n.de.json', 'utf8')) as Record<string, string>);

async function printed(changes: Partial<StatementInput> = {}, trustedKeys = [keys.publicKey], language?: Language): Promise<Uint8Array> {
  const verification = await verifyCertificate(await signed(createStatement(exampleInput(changes))), { trustedKeys, modelFiles, showUnverified: true });
  const holds = verification.accounting.status === 'pass';
  return certificatePdf({
    name: 'mnist.unlearning-certificate.json',
    description: describeCertificate(verification),
    signer: verification.signer,
    schedule: holds ? { points: privacySpent(exampleMechanism, 'retrained', 1e-5), target: { epsilon: 1, delta: 1e-5 } } : undefined,
    verifiedOn: new Date('2026-02-03T04:05:06Z'),
    language,
  }, fonts);
}

interface Read {
  readonly pages: number;
  readonly title: string;
  readonly text: string;
  /** Roles of the structure tree, in reading order. */
  readonly roles: readonly string[];
  /** What stands for the figures. */
  readonly alternatives: readonly string[];
  readonly annotations: number;
  readonly scripts: unknown;
}

interface Structure {
  readonly role?: string;
  readonly alt?: string;
  readonly children?: readonly Structure[];
}

/** Read by Mozilla's PDF reader. */
async function read(bytes: Uint8Array): Promise<Read> {
  const document = await getDocument({ data: Uint8Array.from(bytes), verbosity: 0 }).promise;
  const texts: string[] = [];
  const nodes: Structure[] = [];
  let annotations = 0;
  const visit = (node: Structure): void => {
    nodes.push(node);
    node.children?.forEach(visit);
  };
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    texts.push((await page.getTextContent()).items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join(''));
    const tree = await page.getStructTree() as Structure | null;
    if (tree !== null) visit(tree);
    annotations += (await page.getAnnotations()).length;
  }
  const { info } = await document.getMetadata();
  const result = { pages: document.numPages, title: String((info as { Title?: string }).Title), text: texts.join('\n'), roles: nodes.flatMap(({ role }) => role ?? []), alternatives: nodes.flatMap(({ alt }) => alt ?? []), annotations, scripts: await document.getJSActions() };
  await document.destroy();
  return result;
}

/** Without the breaks of lines, which depend on the width of letters. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

describe('a certificate as a PDF', () => {
  it('says what the certificate says, Greek letters and all, on at most three pages', async () => {
    const { text, pages, title } = await read(await printed());
    expect(pages).toBeLessThanOrEqual(3);
    expect(title).toBe('Certificate of unlearning: mnist.unlearning-certificate.json');
    for (const sentence of ['Verified. The signature is valid', '7 records were forgotten; 59993 records were retained.', '(ε, δ)-unlearning with ε = 1 and δ = 0.00001.', '✔ holds', 'σ: noise added at each step', 'verified on 2026-02-03T04:05:06.000Z']) {
      expect(flat(text)).toContain(sentence);
    }
  });

  it('is tagged: headings, lists and tables for screen readers, and a sentence for the chart', async () => {
    const { roles, alternatives } = await read(await printed());
    for (const role of ['H1', 'H2', 'P', 'L', 'LI', 'Table', 'TR', 'TH', 'TD', 'Figure']) expect(roles).toContain(role);
    expect(alternatives).toEqual([expect.stringMatching(/^Noise schedule of 100 steps: σ from 2 to 2; ε after the last step 0\.7255, target 1/)]);
  });

  it('draws no schedule and warns where the signature is not valid', async () => {
    const { text, alternatives } = await read(await printed({}, []));
    expect(flat(text)).toContain('Not validly signed: nothing below may be relied on.');
    expect(flat(text)).toContain('Not drawn, since the accounting could not be confirmed.');
    expect(alternatives).toEqual([]);
  });

  it('text by a stranger stays text: no link, no script, and no character that moves others about', async () => {
    const evil = '(javascript) Tj ET /JS <script>alert(1)</script> https://example.org \u00ad 漢 \u{1F996}';
    const { text, annotations, scripts } = await read(await printed({ software: { name: evil, version: 'x'.repeat(1900) }, limits: [evil] }));
    expect(flat(text)).toContain('(javascript) Tj ET /JS <script>alert(1)</script> https://example.org [U+00AD] [U+6F22] [U+1F996]');
    expect([annotations, scripts]).toEqual([0, null]);
  });

  it('is printed in German where that is asked for: sentences, numbers and what readers say, and it says that the original is English', async () => {
    const { coverage, assumptions } = exampleInput();
    // What the example makes up for itself has no translation.
    const told = { coverage: coverage.map((row) => ({ ...row, why: '–' })), assumptions: assumptions.map((row) => ({ ...row, enforcement: '–' })), recovery: { steps: 500, batchSize: 128, description: '–' } };
    const { text, title, alternatives } = await read(await printed(told, [keys.publicKey], german));
    expect(title).toBe('Verlern-Zertifikat: mnist.unlearning-certificate.json');
    for (const sentence of ['Was signiert wurde, ist auf Englisch; dies ist seine Übersetzung.', '7 Datensätze wurden vergessen; 59993 Datensätze wurden behalten.', '(ε, δ)-Verlernen mit ε = 1 und δ = 0,00001.', '✔ gilt', 'Was nicht garantiert ist']) {
      expect(flat(text)).toContain(sentence);
    }
    expect(alternatives).toEqual([expect.stringMatching(/^Rauschplan von 100 Schritten: σ von 2 bis 2; ε nach dem letzten Schritt 0,7255, Ziel 1/)]);
    expect(flat(text).match(/\b(the|were|which|from|with|records|steps)\b/g)).toBeNull();
  });

  it('many tensors are grouped by what was done to them', async () => {
    const [tensor] = exampleInput().tensors;
    const [row] = exampleInput().coverage;
    if (tensor === undefined || row === undefined) throw new Error('the example has tensors');
    const names = Array.from({ length: 300 }, (_, index) => `layer.${index}.weight`);
    const { text, pages } = await read(await printed({
      tensors: names.map((name) => ({ ...tensor, name })), residues: [],
      coverage: names.map((name) => ({ ...row, tensor: name })),
      run: { ...exampleInput().run, trainable: names },
    }));
    expect(flat(text)).toContain('layer.0.weight and 299 more');
    expect(pages).toBeLessThanOrEqual(3);
  });
});
