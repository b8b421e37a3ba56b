import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { calibrateNoise } from '../../../src/privacy/calibrate-any';
import { fastestRate } from '../../../src/privacy/convex-head';
import type { Block, ConvexHead, DpSgdGroup, GradientClipping, Mechanism, Reference } from '../../../src/privacy/mechanism';
import { PrivacyError } from '../../../src/privacy/privacy-error';
import { relativeError } from './fixture';

function mu(mechanism: Mechanism, reference: Reference = 'retrained'): number {
  return account(mechanism, reference).mu ?? NaN;
}

const block = (name: string, scale: number, sigma: number): Block => ({
  name,
  initialRadius: scale,
  steps: [{ count: 10, learningRate: 0.1, decay: 0, gradientRadius: scale, sigma }],
});

describe('exact baselines', () => {
  it('cost nothing against either reference', () => {
    for (const reference of ['retrained', 'centre'] as const) {
      for (const mechanism of [{ method: 'retrain' }, { method: 'gaussian-restart', sigma: 1 }] as const) {
        const profile = account(mechanism, reference);
        expect([profile.mu, profile.delta(0), profile.epsilon(1e-5)]).toEqual([0, 0, 0]);
      }
    }
  });
});

describe('output perturbation', () => {
  it('is f·C0/σ-GDP', () => {
    const mechanism = { method: 'output-perturbation', initialRadius: 3, sigma: 4 } as const;
    expect(relativeError(mu(mechanism), 1.5)).toBeLessThan(1e-11);
    expect(relativeError(mu(mechanism, 'centre'), 0.75)).toBeLessThan(1e-11);
  });

  it('guarantees nothing without noise', () => {
    const profile = account({ method: 'output-perturbation', initialRadius: 3, sigma: 0 }, 'retrained');
    expect([profile.mu, profile.delta(1), profile.epsilon(1e-5)]).toEqual([Infinity, 1, Infinity]);
  });
});

describe('blocks', () => {
  // Constant steps with λ = 0: μ_b = 2(C0 + 10·0.1·C1)/(σ√10) = 4·scale/(σ√10).
  const single = (scale: number, sigma: number): number => (4 * scale) / (sigma * Math.sqrt(10));

  it('add their squares, at the same time or one after the other', () => {
    const blocks = [block('a', 1, 5), block('b', 2, 3)];
    const expected = Math.hypot(single(1, 5), single(2, 3));
    expect(relativeError(mu({ method: 'layered-gradient-clipping', blocks }), expected)).toBeLessThan(1e-11);
    expect(relativeError(mu({ method: 'sequential-subspaces', blocks }), expected)).toBeLessThan(1e-11);
  });

  it('split from one run without loss when Σ C0² = C0² and C1 is scaled alike', () => {
    const whole: GradientClipping = { method: 'gradient-clipping', initialRadius: 5, steps: [{ count: 10, learningRate: 0.1, decay: 0, gradientRadius: 5, sigma: 7 }] };
    const blocks = [block('a', 3, 7), block('b', 4, 7)];
    expect(relativeError(mu({ method: 'sequential-subspaces', blocks }), mu(whole))).toBeLessThan(1e-11);
  });

  it('must have equally many steps where they move together', () => {
    const short: Block = { ...block('b', 1, 1), steps: [{ learningRate: 0.1, decay: 0, gradientRadius: 1, sigma: 1 }] };
    expect(() => mu({ method: 'layered-gradient-clipping', blocks: [block('a', 1, 1), short] })).toThrow('all blocks must have equally many steps');
  });

  it('share one prefix where they move together', () => {
    // Block a is best after its first step and b after its second, but later steps of b read a: the sum is minimised over common prefixes.
    const step = (sigma: number, gradientRadius: number): Block['steps'][number] => ({ learningRate: 1, decay: 0, gradientRadius, sigma });
    const a: Block = { name: 'a', initialRadius: 0.5, steps: [step(1, 0), step(0.1, 1)] };
    const b: Block = { name: 'b', initialRadius: 1, steps: [step(1, 0), step(1, 0)] };
    // τ = 1: 1² + 2²; τ = 2: a's minorant has the edges (1, 1) and (0.01, 2): 1 + 400.
    expect(relativeError(mu({ method: 'layered-gradient-clipping', blocks: [a, b] }), Math.sqrt(5))).toBeLessThan(1e-11);
  });

  it('one after the other have no prefix rule but for the last block, whose later steps read nothing that is not noised', () => {
    const tail: Block['steps'][number] = { count: 5, learningRate: 1, decay: 0, gradientRadius: 1, sigma: 0 };
    const a = { ...block('a', 1, 5), steps: [...block('a', 1, 5).steps, tail] };
    const b = { ...block('b', 1, 5), steps: [...block('b', 1, 5).steps, tail] };
    expect(mu({ method: 'sequential-subspaces', blocks: [a, block('b', 1, 5)] })).toBe(Infinity);
    expect(relativeError(mu({ method: 'sequential-subspaces', blocks: [block('a', 1, 5), b] }), Math.SQRT2 * single(1, 5))).toBeLessThan(1e-11);
  });
});

describe('convex heads', () => {
  const head = (decay: number, sigma: number): ConvexHead => ({
    method: 'convex-head',
    loss: 'softmax-cross-entropy',
    initialRadius: 20,
    steps: [{ count: 10_000, learningRate: 1, decay, inputRadius: 1 }],
    sigma,
  });

  it('contract by 1 − γλ while γL is below 2', () => {
    // Δ = 2·20·(1 − 3e-4)^10000 = 40·e^{10000·ln(1 − 3e-4)}.
    expect(relativeError(mu(head(3e-4, 1)), 40 * Math.exp(10_000 * Math.log1p(-3e-4)))).toBeLessThan(1e-11);
    expect(relativeError(mu(head(3e-4, 1), 'centre'), 20 * Math.exp(10_000 * Math.log1p(-3e-4)))).toBeLessThan(1e-11);
  });

  it.each([[3e-4, 9.2e-4, 0.02], [1e-3, 7e-16, 0.02]])('hardly need noise at the fastest rate: λ = %f needs σ = %f', (decay, sigma, accuracy) => {
    // Δ = 40·((L − λ)/(L + λ))^10000 over μ(1, 1e-5); both σ are known to two digits and one.
    const rate = fastestRate({ loss: 'softmax-cross-entropy', decay, inputRadius: 1 });
    const mechanism: ConvexHead = { ...head(decay, 1), steps: [{ count: 10_000, learningRate: rate, decay, inputRadius: 1 }] };
    expect(relativeError(calibrateNoise(mechanism, { epsilon: 1, delta: 1e-5 }, 'retrained').sigma, sigma)).toBeLessThan(accuracy);
    for (const other of [0.9 * rate, 1.01 * rate]) expect(mu({ ...mechanism, steps: [{ count: 10_000, learningRate: other, decay, inputRadius: 1 }] })).toBeGreaterThan(mu(mechanism));
  });

  it('expand where the step is too long for the curvature', () => {
    // L = 0.1 + ½·2² = 2.1; γ = 1: |1 − 2.1| = 1.1 > |1 − 0.1|.
    const steep: ConvexHead = { ...head(0.1, 1), steps: [{ count: 2, learningRate: 1, decay: 0.1, inputRadius: 2 }] };
    expect(relativeError(mu(steep), 40 * 1.1 ** 2)).toBeLessThan(1e-11);
  });

  it('are refused without decay', () => {
    expect(() => mu(head(0, 1))).toThrow(PrivacyError);
  });
});

describe('DP-SGD and group privacy', () => {
  it('multiplies μ by the size of the group', () => {
    expect(relativeError(mu({ method: 'dp-sgd-group', perRecord: { mu: 0.1 }, groupSize: 30 }), 3)).toBeLessThan(1e-11);
  });

  it('has no centre reference', () => {
    expect(() => mu({ method: 'dp-sgd-group', perRecord: { mu: 0.1 }, groupSize: 30 }, 'centre')).toThrow('not with the clipping centre');
  });

  it('gives the familiar δ₀(e^{kε₀} − 1)/(e^ε₀ − 1) at kε₀', () => {
    const profile = account({ method: 'dp-sgd-group', perRecord: { epsilon: 0.1, delta: 1e-7 }, groupSize: 5 }, 'retrained');
    expect(relativeError(profile.delta(0.5), (1e-7 * Math.expm1(0.5)) / Math.expm1(0.1))).toBeLessThan(1e-6);
  });

  it.each([
    [0.5, 1e-2, 4],
    [1, 1e-5, 3],
    [0.2, 0, 6],
    [0, 0.05, 7],
    [2, 0.3, 5],
  ])('is the conjugate of the k-fold trade-off function (ε₀ = %f, δ₀ = %f, k = %i)', (epsilon, delta, groupSize) => {
    const mechanism: DpSgdGroup = { method: 'dp-sgd-group', perRecord: { epsilon, delta }, groupSize };
    const profile = account(mechanism, 'retrained');
    const step = (alpha: number): number => Math.min(1, delta + Math.exp(epsilon) * alpha, 1 - Math.exp(-epsilon) * (1 - delta - alpha));
    const power = (alpha: number): number => Array.from({ length: groupSize }).reduce<number>(step, alpha);
    for (const at of [0, 0.05, 0.3, 0.7, 1.1, 2.5, 4]) {
      // The supremum over a grid of 20,001 points is below the true one by at most one cell times the slope there.
      let largest = 0;
      for (let i = 0; i <= 20_000; i += 1) largest = Math.max(largest, power(i / 20_000) - (Math.exp(at) * i) / 20_000);
      expect(profile.delta(at)).toBeGreaterThanOrEqual(largest - 1e-12);
      expect(profile.delta(at)).toBeLessThan(largest + Math.exp(groupSize * epsilon + at) / 20_000 + 1e-12);
    }
  });

  // The k-fold trade-off function at all of its corners, in 3,600 digits with mpmath.
  it.each([
    [1, 1e-8, 1, 5, 1.0000000000000000209e-8],
    [30, 1e-30, 3, 300, 1.1420073898157912436e-4],
    [0, 1e-300, 8, 1, 8.0000000000000002005e-300],
    [13.517454548200911, 1e-300, 10, 699, 6.8391772913364554919e-248],
    [100, 1e-8, 10, 1, 1],
    [700, 1e-12, 10, 700, 1],
  ])('is never below the exact δ, and is a number however large ε is (ε₀ = %f, δ₀ = %f, k = %i, ε = %f)', (epsilon, delta, groupSize, at, exact) => {
    const profile = account({ method: 'dp-sgd-group', perRecord: { epsilon, delta }, groupSize }, 'retrained');
    expect(profile.delta(at)).toBeGreaterThanOrEqual(exact);
    expect(relativeError(profile.delta(at), exact)).toBeLessThan(1e-6);
  });

  it('covers nothing where a large ε₀ has grown over the group', () => {
    const profile = account({ method: 'dp-sgd-group', perRecord: { epsilon: 100, delta: 1e-8 }, groupSize: 10 }, 'retrained');
    // Nine steps from δ₀ = 1e-8 are above 1, so that δ(ε) is 1e-8·(e^1000 − 1)/(e^100 − 1) > 1 even at kε₀.
    expect(profile.epsilon(1e-5)).toBe(Infinity);
  });
});

describe('what is not known', () => {
  it('is refused, never guessed', () => {
    const code = (run: () => unknown): string | undefined => {
      try {
        run();
      } catch (error) {
        return error instanceof PrivacyError ? error.code : 'another error';
      }
      return undefined;
    };
    expect(code(() => account({ method: 'magic' } as unknown as Mechanism, 'retrained'))).toBe('unknown-method');
    expect(code(() => account({ method: 'retrain' }, 'self' as unknown as Reference))).toBe('unknown-reference');
    expect(code(() => mu({ method: 'output-perturbation', initialRadius: NaN, sigma: 1 }))).toBe('out-of-range');
    expect(code(() => mu({ method: 'output-perturbation', initialRadius: -1, sigma: 1 }))).toBe('out-of-range');
    expect(code(() => mu({ method: 'output-perturbation', sigma: 1 } as unknown as Mechanism))).toBe('malformed');
  });
});
