import { describe, expect, it } from 'vitest';
import { createStatement, type StatementInput } from '../../../src/certificate/create-statement';
import { describeCertificate } from '../../../src/certificate/describe';
import { verifyCertificate, passes, type Verification } from '../../../src/certificate/verify';
import { calibrateNoise } from '../../../src/privacy/calibrate-any';
import type { Mechanism } from '../../../src/privacy/mechanism';
import { exampleInput, keys, modelFiles, signed } from './example';

const target = { epsilon: 1, delta: 1e-5, reference: 'retrained' } as const;
const step = { count: 10, learningRate: 0.1, decay: 0.5, gradientRadius: 0.1, sigma: 1 };
const block = (name: string, initialRadius: number): { name: string; initialRadius: number; steps: [typeof step] } => ({ name, initialRadius, steps: [step] });

/** An input whose run carried out exactly what was planned. */
function inputOf(mechanism: Mechanism, changes: Partial<StatementInput> = {}): StatementInput {
  const exact = mechanism.method === 'retrain' || mechanism.method === 'gaussian-restart';
  const example = exampleInput();
  return exampleInput({
    mechanism,
    run: { ...example.run, mechanism },
    target: exact ? { ...target, epsilon: 0, delta: 0 } : target,
    coverage: example.coverage.map((entry) => (exact && entry.treatment === 'noised' ? { ...entry, treatment: 'reset' } : entry)),
    ...changes,
  });
}

const noisy = ([
  { method: 'layered-gradient-clipping', blocks: [block('dense/kernel', 2), block('dense/bias', 1)] },
  { method: 'sequential-subspaces', blocks: [block('dense/bias', 1), block('dense/kernel', 2)] },
  { method: 'model-clipping', initialRadius: 1, initialSigma: 1, steps: [{ count: 10, learningRate: 0.1, decay: 0, modelRadius: 1, sigma: 1 }] },
  { method: 'output-perturbation', initialRadius: 1, sigma: 1 },
  { method: 'convex-head', loss: 'softmax-cross-entropy', initialRadius: 5, steps: [{ count: 100, learningRate: 0.5, decay: 0.1, inputRadius: 2 }], sigma: 1 },
] as const).map((mechanism: Mechanism) => calibrateNoise(mechanism, target, 'retrained'));
const noisyOne = (method: Mechanism['method']): Mechanism => {
  const found = noisy.find((mechanism) => mechanism.method === method);
  if (found === undefined) throw new Error(`there is no ${method} here`);
  return found;
};
const exact: readonly Mechanism[] = [{ method: 'retrain' }, { method: 'gaussian-restart', sigma: 0.1 }];

async function verified(mechanism: Mechanism, tamper: (text: string) => string = (text) => text): Promise<Verification> {
  const statement = createStatement(inputOf(mechanism));
  return verifyCertificate(await signed(JSON.parse(tamper(JSON.stringify(statement))) as object), { trustedKeys: [keys.publicKey], modelFiles });
}

function codeOf(input: StatementInput): string {
  try {
    createStatement(input);
    return 'accepted';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

describe('a certificate of every method', () => {
  it.each([...noisy, ...exact].map((mechanism) => [mechanism.method, mechanism] as const))('%s verifies, and describes itself', async (_, mechanism) => {
    const verification = await verified(mechanism);
    expect(passes(verification)).toBe(true);
    const { content } = describeCertificate(verification);
    expect(content?.schedule.length).toBe('blocks' in mechanism ? 2 : mechanism.method === 'retrain' ? 0 : 'steps' in mechanism && mechanism.method !== 'gradient-clipping' ? 2 : 1);
    // What the limits say of the bound is true of the method.
    expect(content?.notGuaranteed[1]).toMatch(exact.includes(mechanism) ? /^The bound is zero/ : /^The bound is not zero/);
  });

  it.each(noisy.map((mechanism) => [mechanism.method, mechanism] as const))('%s fails with a hundredth less noise than it states', async (_, mechanism) => {
    const { accounting, signature } = await verified(mechanism, (text) => text.replaceAll(/"sigma":([0-9.e-]+)/g, (_match, sigma: string) => `"sigma":${Number(sigma) * 0.99}`).replaceAll(/"initialSigma":([0-9.e-]+)/g, (_match, sigma: string) => `"initialSigma":${Number(sigma) * 0.99}`));
    expect([signature.status, accounting.status]).toEqual(['pass', 'fail']);
  });

  it('states no μ for model clipping against a retrained model, and 0 for what is exact', () => {
    const costs = (mechanism: Mechanism): unknown => createStatement(inputOf(mechanism)).predicate.guarantee.retrained;
    expect(costs(noisyOne('model-clipping'))).not.toHaveProperty('mu');
    for (const mechanism of exact) expect(costs(mechanism)).toEqual({ mu: 0, epsilon: 0 });
  });

  it('is refused where the blocks are not the tensors that were noised', () => {
    const renamed = JSON.parse(JSON.stringify(noisyOne('layered-gradient-clipping')).replace('dense/bias', 'dense/other')) as Mechanism;
    expect(codeOf(inputOf(renamed))).toBe('blocks-differ');
  });

  it('is refused where an exact method is said to have noised, or another to have reset, or to state δ = 0', () => {
    expect(codeOf(inputOf({ method: 'retrain' }, { coverage: exampleInput().coverage }))).toBe('coverage-noise');
    expect(codeOf(inputOf(noisyOne('output-perturbation'), { coverage: exampleInput().coverage.map((entry) => (entry.treatment === 'noised' ? { ...entry, treatment: 'reset' } : entry)) }))).toBe('coverage-noise');
    expect(codeOf(inputOf(noisyOne('output-perturbation'), { target: { ...target, delta: 0 } }))).toBe('statement-invalid');
  });

  it('is refused where another method was run than was planned', () => {
    expect(codeOf(inputOf({ method: 'retrain' }, { run: { ...exampleInput().run, mechanism: { method: 'gaussian-restart', sigma: 1 } } }))).toBe('execution-differs');
  });
});
