import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { muFromTarget } from '../../../src/privacy/gaussian-dp';
import { stepsOfPlan, weightsOf, type SchedulePlan, type Shape } from '../../../src/privacy/shapes';
import { bestSteps, solveFor, type Candidate, type Unknown } from '../../../src/privacy/solve';
import { relativeError } from './fixture';
import { logUniform } from './random';

const target = { epsilon: 1, delta: 1e-5 };
const plan: SchedulePlan = { initialRadius: 1, steps: 10, learningRate: 0.1, decay: 0, gradientRadius: 1, sigma: 5 };
/** μ(1, 1e-5). */
const MU = 0.268051123211294;

function found(unknown: Unknown, from: SchedulePlan): Candidate {
  const solution = solveFor(unknown, from, target, 'retrained');
  if (solution.outcome !== 'met') throw new Error(solution.reason);
  expect(account(solution.mechanism, 'retrained').delta(target.epsilon)).toBeLessThanOrEqual(target.delta);
  expect(solution.epsilon).toBeLessThanOrEqual(target.epsilon);
  return solution;
}

function muOf(from: SchedulePlan): number | undefined {
  return account({ method: 'gradient-clipping', initialRadius: from.initialRadius, steps: stepsOfPlan(from) }, 'retrained').mu;
}

describe('a plan solved for one quantity', () => {
  // T = 10, λ = 0: μ = 2(C0 + 10γC1)/(σ√10), and the last step is the best.
  it('finds σ', () => {
    expect(relativeError(found('sigma', plan).value, 4 / (MU * Math.sqrt(10)))).toBeLessThan(1e-11);
  });

  it('finds the fewest steps', () => {
    // σ = 6, C0 = 1, s = 0.2: (2 + 0.2T)/(6√T) ≤ μ first at T = 4: 2.8/12 = 0.2333 but 2.6/(6√3) = 0.2502 is also below, and 2.4/(6√2) = 0.2828 is not.
    expect(found('steps', { ...plan, sigma: 6 }).value).toBe(3);
  });

  it('finds the largest initial radius', () => {
    // The least over τ of (2C0 + 0.2τ)/(5√τ); with C0 = 0.1 to 1 the best τ is 10·C0, where it is 4C0/(5√(10·C0)) = μ: C0 = (5μ√10/4)² = 1.12; there τ = 10 = T is best: C0 = (5μ√10 − 2)/2.
    expect(relativeError(found('initialRadius', plan).value, (5 * MU * Math.sqrt(10) - 2) / 2)).toBeLessThan(1e-10);
  });

  it('finds the largest gradient radius', () => {
    // At T = 10 with C0 = 1: C1 = (5μ√10 − 2)/2 = 1.12, for which τ = 9 is the best prefix: 2 + 0.2·9·C1 = 5μ·3.
    expect(relativeError(found('gradientRadius', plan).value, (15 * MU - 2) / 1.8)).toBeLessThan(1e-10);
  });

  it('finds the largest learning rate', () => {
    // It enters as γC1 alone.
    expect(relativeError(found('learningRate', plan).value, 0.1 * found('gradientRadius', plan).value)).toBeLessThan(1e-10);
  });

  it('finds the least decay, and none where none is needed', () => {
    expect(found('decay', plan).value).toBe(0);
    const quiet = { ...plan, sigma: 4 };
    const { value, epsilon } = found('decay', quiet);
    expect(value).toBeGreaterThan(0);
    expect(relativeError(epsilon, 1)).toBeLessThan(1e-9);
    expect(account(found('sigma', { ...quiet, decay: value }).mechanism, 'retrained').mu).toBeGreaterThan(0);
    expect(relativeError(found('sigma', { ...quiet, decay: value }).value, 4)).toBeLessThan(1e-9);
  });

  it('undoes itself: σ for what was found with a σ is that σ', () => {
    fc.assert(
      fc.property(logUniform(0.3, 30), fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 5, noNaN: true }), fc.constantFrom('initialRadius' as const, 'gradientRadius' as const, 'learningRate' as const), (sigma, steps, decay, unknown) => {
        const solution = solveFor(unknown, { ...plan, sigma, steps, decay }, target, 'retrained');
        fc.pre(solution.outcome === 'met' && solution.value > 0 && solution.value < 1e50 && decay * solution.plan.learningRate < 0.999);
        expect(relativeError(found('sigma', solution.plan).value, sigma)).toBeLessThan(1e-9);
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, Partial<SchedulePlan>]>([
    ['cosine', { learningRateShape: { kind: 'cosine', final: 0 } }],
    ['warm-up', { learningRateShape: { kind: 'warm-up', steps: 3, then: { kind: 'linear', final: 0.1 } } }],
    ['geometric noise', { sigmaShape: { kind: 'geometric', final: 0.2 } }],
    ['custom', { learningRateShape: { kind: 'custom', weights: Array.from({ length: 10 }, (_, t) => 1 + (t % 3)) } }],
  ])('works for shapes: %s', (_, shape) => {
    for (const unknown of ['sigma', 'initialRadius', 'gradientRadius', 'learningRate', 'decay'] as const) found(unknown, { ...plan, sigma: 8, ...shape });
  });

  it('finds steps of shapes that stretch', () => {
    const shaped: SchedulePlan = { ...plan, sigma: 7, learningRateShape: { kind: 'linear', final: 0 } };
    const { value } = found('steps', shaped);
    expect(solveFor('sigma', { ...shaped, steps: value - 1 }, target, 'retrained')).toMatchObject({ outcome: 'met' });
    expect(found('sigma', { ...shaped, steps: value }).value).toBeLessThanOrEqual(7);
    expect(found('sigma', { ...shaped, steps: value - 1 }).value).toBeGreaterThan(7);
  });
});

describe('a target out of reach', () => {
  const quiet: SchedulePlan = { ...plan, sigma: 0.1 };

  it.each<[Unknown, SchedulePlan, number]>([
    // 2·γC1/σ of a single step is above the target already.
    ['initialRadius', quiet, 0],
    // C0 alone: 2/(0.1·√10).
    ['gradientRadius', quiet, 0],
    ['learningRate', quiet, 0],
    // (C0 + C1γT)/√T is least at T = 10.
    ['steps', quiet, 10],
  ])('is explained with the nearest %s', (unknown, from, nearest) => {
    const solution = solveFor(unknown, from, target, 'retrained');
    expect(solution.outcome).toBe('unreachable');
    if (solution.outcome !== 'unreachable') return;
    expect(solution.reason.length).toBeGreaterThan(40);
    expect(solution.nearest.value).toBe(nearest);
    expect(solution.nearest.epsilon).toBe(account(solution.nearest.mechanism, 'retrained').epsilon(target.delta));
    expect(solution.nearest.epsilon).toBeGreaterThan(1);
  });

  it('by any decay is nearest where everything is forgotten in one step', () => {
    // ρ = 0: μ = 2γC1/σ = 2.
    const solution = solveFor('decay', quiet, target, 'retrained');
    expect(solution.outcome).toBe('unreachable');
    if (solution.outcome === 'unreachable') expect(solution.nearest.value).toBe(10);
  });

  it('by steps of a shape that stretches is nearest at the best one tried', () => {
    // σ = 0.1 is far too little for C1 = 1: more steps of a falling learning rate help, but never enough.
    const solution = solveFor('steps', { ...quiet, gradientRadius: 10, learningRateShape: { kind: 'linear', final: 0.5 } }, target, 'retrained');
    expect(solution.outcome).toBe('unreachable');
    if (solution.outcome !== 'unreachable') return;
    for (const steps of [1, 2, 4, 8, 64]) expect(account(solution.nearest.mechanism, 'retrained').mu).toBeLessThanOrEqual((muOf({ ...solution.nearest.plan, steps }) ?? 0) * (1 + 1e-11));
  });

  it('at a learning rate of 0 depends on the initial radius alone', () => {
    const idle: SchedulePlan = { ...plan, learningRate: 0 };
    // 2·C0/(σ√10) = 0.126 at σ = 5.
    expect(found('decay', idle).value).toBe(0);
    expect(found('gradientRadius', idle).value).toBeGreaterThan(1e50);
    expect(solveFor('decay', { ...idle, sigma: 1 }, target, 'retrained')).toMatchObject({ outcome: 'unreachable', reason: 'decay has no effect at a learning rate of 0' });
  });

  it('is not confused with numbers out of range', () => {
    expect(() => solveFor('sigma', { ...plan, steps: 0 }, target, 'retrained')).toThrow(expect.objectContaining({ code: 'out-of-range' }));
    expect(() => solveFor('steps', { ...plan, initialRadius: -1 }, target, 'retrained')).toThrow(expect.objectContaining({ code: 'out-of-range' }));
    expect(() => solveFor('steps', plan, { epsilon: 1, delta: 0 }, 'retrained')).toThrow(expect.objectContaining({ code: 'out-of-range' }));
  });
});

describe('the best steps and decay', () => {
  it('without decay are T = C0/(γ·C1), the optimum of the paper', () => {
    const best = bestSteps({ ...plan, initialRadius: 3, gradientRadius: 2 }, { steps: 1000, decay: 0 }, target, 'retrained');
    expect(best.plan.steps).toBe(15);
    expect(relativeError(best.value, (4 * 3) / (MU * Math.sqrt(15)))).toBeLessThan(1e-11);
  });

  it('take the largest decay allowed, since noise never grows with it', () => {
    fc.assert(
      fc.property(logUniform(1e-2, 100), logUniform(1e-2, 10), fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (initialRadius, gradientRadius, steps, a, b) => {
        const at = (share: number): number => found('sigma', { ...plan, initialRadius, gradientRadius, steps, decay: share / plan.learningRate }).value;
        expect(at(Math.max(a, b))).toBeLessThanOrEqual(at(Math.min(a, b)) * (1 + 1e-11));
      }),
    );
    expect(bestSteps(plan, { steps: 100, decay: 2 }, target, 'retrained').plan.decay).toBe(2);
    expect(bestSteps(plan, { steps: 100, decay: 50 }, target, 'retrained').plan.decay).toBe(10);
  });

  it('need no more noise than any other number of steps', () => {
    const best = bestSteps(plan, { steps: 200, decay: 0.5 }, target, 'retrained');
    for (let steps = 1; steps <= 200; steps += 1) expect(found('sigma', { ...plan, decay: 0.5, steps }).value).toBeGreaterThanOrEqual(best.value * (1 - 1e-11));
  });
});

describe('shapes', () => {
  it.each<[Shape, number, number[]]>([
    [{ kind: 'constant' }, 3, [1, 1, 1]],
    [{ kind: 'geometric', final: 0.25 }, 3, [1, 0.5, 0.25]],
    [{ kind: 'linear', final: 0 }, 5, [1, 0.75, 0.5, 0.25, 0]],
    // (1 + cos(πt/4))/2.
    [{ kind: 'cosine', final: 0 }, 4, [1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2]],
    [{ kind: 'warm-up', steps: 2 }, 4, [0.5, 1, 1, 1]],
    [{ kind: 'warm-up', steps: 2, then: { kind: 'linear', final: 0 } }, 5, [0.5, 1, 1, 0.5, 0]],
    [{ kind: 'custom', weights: [3, 0] }, 2, [3, 0]],
    // Fractions 0, 1/4, 1/2, 3/4, 1: half way up from 0 to 1 at a half, then half way down to 0.5.
    [{ kind: 'points', points: [[0, 0], [0.5, 1], [1, 0.5]] }, 5, [0, 0.5, 1, 0.75, 0.5]],
    // Level before the first point and after the last.
    [{ kind: 'points', points: [[0.25, 2], [0.75, 1]] }, 5, [2, 2, 1.5, 1, 1]],
    [{ kind: 'points', points: [[0, 0.5], [1, 1]] }, 1, [0.5]],
    [{ kind: 'geometric', final: 0.5 }, 1, [1]],
  ])('%j over %i steps', (shape, steps, weights) => {
    const actual = weightsOf(shape, steps);
    expect(actual.length).toBe(weights.length);
    for (const [t, weight] of weights.entries()) expect(actual[t]).toBeCloseTo(weight, 14);
  });

  it('that do not fit are refused', () => {
    for (const shape of [{ kind: 'geometric', final: 0 }, { kind: 'linear', final: -1 }, { kind: 'cosine', final: NaN }, { kind: 'warm-up', steps: 9 }, { kind: 'custom', weights: [1] }, { kind: 'points', points: [] }, { kind: 'points', points: [[0, -1]] }, { kind: 'points', points: [[0, 1], [0, 2]] }, { kind: 'points', points: [[0, 1], [2, 1]] }, { kind: 'custom', weights: [1, -1] }] satisfies Shape[]) {
      expect(() => weightsOf(shape, 2)).toThrow(expect.objectContaining({ name: 'PrivacyError' }));
    }
  });
});

it('the constant used above is μ(1, 1e-5)', () => {
  expect(relativeError(muFromTarget(1, 1e-5), MU)).toBeLessThan(1e-14);
});
