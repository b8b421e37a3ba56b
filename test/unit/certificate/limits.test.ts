import { describe, expect, it } from 'vitest';
import { createStatement } from '../../../src/certificate/create-statement';
import { limitOfTail } from '../../../src/certificate/noise-tail';
import { exampleInput, exampleMechanism } from './example';

describe('the limits of a certificate', () => {
  it('speak of choosing among runs, and of arithmetic', () => {
    const { limits } = createStatement(exampleInput()).predicate;
    expect(limits.join(' ')).toContain('the one of several runs that turned out best');
    expect(limits.join(' ')).toContain('true Gaussian noise');
  });

  it('say what noise that ends adds to a δ that is as small', () => {
    // 7,850 numbers in 100 steps are 785,000; √785,000 · 0.2 · 3.6e-13 = 6.4e-11, and all that is cut off is 785,000 · 9.4e-14 = 7.4e-8.
    const limits = (delta: number): readonly string[] => createStatement(exampleInput({ target: { epsilon: 8, delta, reference: 'retrained' } })).predicate.limits;
    expect(limits(1e-12).filter((limit) => limit.includes('7.45'))).toEqual(['Noise that a computer draws ends somewhere, here at 7.45 standard deviations. For 7.9e+5 numbers that may add about 6e-11 to δ, which is stated without it.']);
    expect(limits(1e-8).some((limit) => limit.includes('7.45'))).toBe(false);
  });

  it('take all that is cut off where the guarantee is no μ, and nothing where there is no δ', () => {
    const coverage = [{ tensor: 'w', shape: [1000], count: 1000, treatment: 'noised' as const, why: '' }];
    const guarantee = { epsilon: 1, delta: 1e-9, reference: 'retrained' as const, retrained: { epsilon: 1 }, centre: { epsilon: 1 } };
    // 1,000 numbers in 100 draws: 1e5 · 9.4e-14 = 9.4e-9.
    expect(limitOfTail({ guarantee, mechanism: exampleMechanism, coverage })).toContain('about 9e-9');
    expect(limitOfTail({ guarantee: { ...guarantee, delta: 0 }, mechanism: { method: 'retrain' }, coverage })).toBeUndefined();
  });
});

describe('a statement about trust', () => {
  const enforced = (id: number): ReturnType<typeof exampleInput>['assumptions'] => exampleInput().assumptions.map((each) => (each.id === id ? { ...each, status: 'enforced' } : each));

  it('cannot call enforced how settings were chosen', () => {
    expect(() => createStatement(exampleInput({ assumptions: enforced(4) }))).toThrow(expect.objectContaining({ code: 'choice-unstated' }) as Error);
  });

  it('cannot call enforced what rests on a public base, or on a tensor that somebody called public', () => {
    const mechanism = { ...exampleMechanism, centre: 'public' as const };
    expect(() => createStatement(exampleInput({ mechanism, run: { ...exampleInput().run, mechanism }, centre: { sha256: 'ab'.repeat(32) } }))).toThrow(expect.objectContaining({ code: 'public-unstated' }) as Error);
    const coverage = exampleInput().coverage.map((entry) => (entry.treatment === 'recomputed' ? { ...entry, treatment: 'public' as const } : entry));
    expect(() => createStatement(exampleInput({ coverage }))).toThrow(expect.objectContaining({ code: 'public-unstated' }) as Error);
  });

  it('cannot have forgotten copies that it would have refused', () => {
    const { data } = exampleInput();
    expect(() => createStatement(exampleInput({ data: { ...data, duplicatesInRetain: { policy: 'refuse', keptCount: 0, forgottenCount: 2 } } }))).toThrow(expect.objectContaining({ code: 'duplicates-count' }) as Error);
  });
});
