import { describe, expect, it } from 'vitest';
import { createStatement, type StatementInput } from '../../../src/certificate/create-statement';
import type { ExecutedRun } from '../../../src/certificate/execution';
import type { GradientClipping } from '../../../src/privacy/mechanism';
import { encodeStatement } from '../../../src/certificate/statement';
import { exampleInput, exampleMechanism, forgottenRecords, hexDigest } from './example';

const input = exampleInput();
const executed = input.run.mechanism as GradientClipping;

/** The code of the refusal, or `accepted`. */
function outcome(changes: Partial<StatementInput>): string {
  try {
    createStatement(exampleInput(changes));
    return 'accepted';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

const withRun = (changes: Partial<ExecutedRun>): string => outcome({ run: { ...input.run, ...changes } });
const withMechanism = (changes: Partial<GradientClipping>): string => withRun({ mechanism: { ...executed, ...changes } });
const withStep = (changes: object): string => withMechanism({ steps: executed.steps.map((step) => ({ ...step, ...changes })) });

describe('a statement', () => {
  it('is made of facts that add up, with the cost against both references', () => {
    const { predicate } = createStatement(input);
    // μ = Δ / √V: 4 / 20 against the retrained reference; half of the gap against the centre one.
    expect(predicate.guarantee.retrained.mu).toBeCloseTo(0.2, 9);
    expect(predicate.guarantee.centre.mu).toBeCloseTo(0.1, 9);
    // By bisection of δ(ε; μ) = Φ(−ε/μ + μ/2) − e^ε Φ(−ε/μ − μ/2) at δ = 1e-5.
    expect(predicate.guarantee.retrained.epsilon).toBeCloseTo(0.7255217508577967, 9);
    expect(predicate.guarantee.centre.epsilon).toBeCloseTo(0.34066936468432557, 9);
  });

  it('is the same bytes for the same facts, in whatever order they are given', () => {
    const reversed = Object.fromEntries(Object.entries(input).reverse()) as unknown as StatementInput;
    expect(encodeStatement(createStatement(reversed))).toEqual(encodeStatement(createStatement(input)));
  });

  it('says nothing about the original model or the forgotten records but salted commitments and their number', () => {
    const text = new TextDecoder().decode(encodeStatement(createStatement(input)));
    expect(text).not.toContain(hexDigest('original model'));
    for (const { digest, salt } of forgottenRecords) {
      expect(text).not.toContain(Buffer.from(digest).toString('hex'));
      expect(text).not.toContain(Buffer.from(salt).toString('hex'));
    }
    const leaking = [
      { metrics: { ...input.metrics, forget: { count: 7, loss: 1 } } },
      { metrics: { ...input.metrics, before: { count: 7, loss: 1 } } },
      { inputModel: { algorithm: 'sha256', digest: hexDigest('original model') } },
      { inputModel: { ...input.inputModel, norm: 17 } },
      { data: { ...input.data, forget: { ...input.data.forget, rows: [1, 2] } } },
    ];
    for (const leak of leaking) expect(outcome(leak as unknown as Partial<StatementInput>)).toBe('statement-invalid');
  });

  it('is refused if the run was less private than the schedule', () => {
    expect(withRun({})).toBe('accepted');
    expect(withMechanism({ initialRadius: 1.0001 })).toBe('execution-differs');
    expect(withMechanism({ initialRadius: Number.NaN })).toBe('execution-differs');
    expect(withRun({ freshNoise: false })).toBe('execution-differs');
    expect(withRun({ momentum: '0.9' })).toBe('execution-differs');
    expect(withMechanism({ steps: executed.steps.slice(1) })).toBe('execution-differs');
    expect(withMechanism({ steps: [...executed.steps, ...executed.steps] })).toBe('execution-differs');
    expect(withMechanism({ steps: [] })).toBe('execution-differs');
    expect(withStep({ sigma: 1.9999 })).toBe('execution-differs');
    expect(withStep({ sigma: Number.NaN })).toBe('execution-differs');
    expect(withStep({ gradientRadius: 1.00001 })).toBe('execution-differs');
    expect(withStep({ learningRate: 0.00999 })).toBe('execution-differs');
    expect(withStep({ decay: 0.01 })).toBe('execution-differs');
  });

  it('says at which step the run left the schedule', () => {
    const steps = [{ ...executed.steps[0], count: 60 }, { ...executed.steps[0], count: 40, sigma: 1 }] as GradientClipping['steps'];
    expect(() => createStatement(exampleInput({ run: { ...input.run, mechanism: { ...executed, steps } } }))).toThrow(expect.objectContaining({ field: 'steps[60].sigma' }));
  });

  it('is refused unless every tensor has one treatment, and the one that it really got', () => {
    const [kernel, bias, ...rest] = input.coverage;
    if (kernel === undefined || bias === undefined) throw new Error('the example has two tensors');
    expect(outcome({ coverage: [kernel, ...rest] })).toBe('coverage-missing');
    expect(outcome({ coverage: input.coverage.slice(0, 3) })).toBe('coverage-missing');
    expect(outcome({ coverage: [...input.coverage, { tensor: 'ghost', shape: [1], count: 1, treatment: 'public', why: 'x' }] })).toBe('coverage-unknown');
    expect(outcome({ coverage: [kernel, { ...bias, treatment: 'public' }, ...rest] })).toBe('coverage-noise');
    expect(outcome({ coverage: [kernel, { ...bias, shape: [5, 2] }, ...rest] })).toBe('coverage-shape');
    expect(outcome({ coverage: [kernel, { ...bias, count: 9 }, ...rest] })).toBe('coverage-count');
    expect(outcome({ coverage: [kernel, bias, bias, ...rest] })).toBe('coverage-twice');
    expect(outcome({ coverage: [kernel, { ...bias, why: '' }, ...rest] })).toBe('statement-invalid');
    expect(outcome({ coverage: [kernel, { tensor: 'dense/bias', why: 'trained' } as typeof bias, ...rest] })).toBe('coverage-shape');
    expect(withRun({ trainable: ['dense/kernel'] })).toBe('coverage-noise');
    expect(withRun({ trainable: [...input.run.trainable, 'ghost'] })).toBe('coverage-missing');
  });

  it('is refused if the schedule does not give ε at δ', () => {
    // 0.72552 against the retrained reference and 0.34067 against the centre are what it gives.
    expect(outcome({ target: { ...input.target, epsilon: 0.7256 } })).toBe('accepted');
    expect(outcome({ target: { ...input.target, epsilon: 0.7255 } })).toBe('accounting-differs');
    expect(outcome({ target: { ...input.target, delta: 1e-300 } })).toBe('accounting-differs');
    expect(outcome({ target: { ...input.target, epsilon: 0.3407, reference: 'centre' } })).toBe('accepted');
    expect(outcome({ target: { ...input.target, delta: 0 } })).toMatch(/statement-invalid/);
    expect(outcome({ mechanism: { ...exampleMechanism, initialRadius: Number.POSITIVE_INFINITY } })).toBe('statement-invalid');
  });

  it('is refused if anything else is missing or does not fit', () => {
    expect(withRun({ engine: { name: '', versions: {} } })).toBe('statement-invalid');
    expect(withRun({ batchSize: 0 })).toBe('statement-invalid');
    expect(outcome({ files: [] })).toBe('statement-invalid');
    expect(outcome({ files: [{ name: '../model.h5', sha256: hexDigest('x') }] })).toBe('statement-invalid');
    expect(outcome({ files: [{ name: '/model.h5', sha256: hexDigest('x') }] })).toBe('statement-invalid');
    expect(outcome({ files: [{ name: 'c:\\model.h5', sha256: hexDigest('x') }] })).toBe('statement-invalid');
    expect(outcome({ files: [{ name: 'm', sha256: 'abc' }] })).toBe('statement-invalid');
    expect(outcome({ files: [...input.files, ...input.files] })).toBe('subject-twice');
    expect(outcome({ assumptions: input.assumptions.slice(1) })).toBe('statement-invalid');
    expect(outcome({ assumptions: input.assumptions.toReversed() })).toBe('assumptions-incomplete');
    expect(outcome({ software: { name: 'a\u001b[31m', version: '1' } })).toBe('statement-invalid');
    expect(outcome({ software: { name: 'a\u202eb', version: '1' } })).toBe('statement-invalid');
    expect(outcome({ metrics: { retain: { count: 60_000, loss: 1 } } })).toBe('metrics-count');
    expect(outcome({ metrics: { retain: { count: 1, loss: Number.NaN } } })).toBe('statement-invalid');
    expect(outcome({ centre: { sha256: hexDigest('public base') } })).toBe('centre-differs');
    expect(outcome({ mechanism: { ...exampleMechanism, frozen: ['dense/kernel'] }, run: { ...input.run, mechanism: { ...executed, frozen: ['dense/kernel'] } } })).toBe('frozen-not-public');
    expect(outcome({ finishedOn: new Date('2025-11-23') })).toBe('accepted');
  });

  it('is refused if evaluation records are forgotten ones, whose measurements would speak of them', () => {
    expect(outcome({ data: { ...input.data, evaluation: { count: 10_000, forgottenRecords: 1 } } })).toBe('evaluation-has-forgotten-records');
    expect(outcome({ data: { ...input.data, evaluation: undefined }, metrics: { retain: input.metrics.retain } })).toBe('accepted');
    expect(outcome({ data: { ...input.data, evaluation: undefined } })).toBe('metrics-count');
  });

  it('cannot call assumption 2 enforced if copies of forgotten records were kept, and lists them as a limit', () => {
    const kept = { data: { ...input.data, duplicatesInRetain: { policy: 'keep', keptCount: 3 } } } as const;
    expect(outcome(kept)).toBe('duplicates-kept');
    const assumptions = input.assumptions.map((entry) => (entry.id === 2 ? { ...entry, status: 'stated' as const } : entry));
    expect(createStatement(exampleInput({ ...kept, assumptions })).predicate.limits.at(-1)).toMatch(/^3 retained records are an exact copy/);
    expect(outcome({ data: { ...input.data, duplicatesInRetain: { policy: 'refuse', keptCount: 3 } }, assumptions })).toBe('duplicates-kept');
    expect(outcome({ data: { ...input.data, duplicatesInRetain: { policy: 'decided', keptCount: 3, forgottenCount: 2 } }, assumptions })).toBe('accepted');
  });

  it('counts near duplicates by what was decided, as far as the counts can be true', () => {
    const near = (found: NonNullable<StatementInput['data']['nearDuplicatesInRetain']>): string => outcome({ data: { ...input.data, nearDuplicatesInRetain: found } });
    expect(near({ policy: 'decided', keptCount: 4, forgottenCount: 3 })).toBe('accepted');
    expect(near({ policy: 'forget', keptCount: 0, forgottenCount: 6 })).toBe('accepted');
    expect(near({ policy: 'forget', keptCount: 0, forgottenCount: 7 })).toBe('duplicates-count'); // of 7 forgotten at least one was asked for
    expect(near({ policy: 'keep', keptCount: 60_000 })).toBe('duplicates-count');
    expect(near({ policy: 'forget', keptCount: 1 })).toBe('duplicates-kept');
  });
});
