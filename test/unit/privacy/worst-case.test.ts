import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { delta, normalCdf } from '../../../src/privacy/gaussian-dp';
import { bestPrefix, visitEnergies } from '../../../src/privacy/gradient-clipping';
import type { GradientClipping, GradientClippingStep, Reference } from '../../../src/privacy/mechanism';
import { relativeError } from './fixture';
import { density, hockeyStick, nodes, type Oracle } from './one-dimension';
import './random';

const EPSILONS = [0, 0.1, 0.5, 1, 2];

function wholeMu(mechanism: GradientClipping, reference: Reference): number {
  let last = Infinity;
  visitEnergies(mechanism, reference, (_, energy) => {
    last = energy;
  });
  return Math.sqrt(last);
}

/** A multiple of 1/64 between two numbers. */
function grid(from: number, to: number): fc.Arbitrary<number> {
  return fc.integer({ min: 64 * from, max: 64 * to }).map((n) => n / 64);
}

const oracle: fc.Arbitrary<Oracle> = fc.record({
  threshold: grid(-1, 1),
  below: fc.constantFrom(-1, 1),
  above: fc.constantFrom(-1, 1),
});

/** Short runs with every step noisy; the noise changes by up to a factor of four, up or down, and ρ may be negative or above 1. */
const runs = fc.record({
  initialRadius: grid(0, 1),
  steps: fc.array(
    fc.record({
      learningRate: fc.constant(1),
      decay: grid(-0.25, 1.625),
      gradientRadius: grid(0, 1),
      sigma: grid(0.375, 1.5),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  oracles: fc.array(oracle, { minLength: 3, maxLength: 3 }),
});

/** Far outside all mass: |x| ≤ C0 + ΣγC1 + 9Σσ, times the growth of 1.3 a step. */
const REACH = 40;
const OUT = nodes(REACH, 0.125);
/** The kink of max(0, ·) costs quadrature at most a panel's square times the slope there. */
const QUADRATURE = 1e-4;

function bothWays(p: Float64Array, q: Float64Array, epsilon: number): number {
  return Math.max(hockeyStick(p, q, epsilon, OUT.weight), hockeyStick(q, p, epsilon, OUT.weight));
}

describe('no adversary on the line does better than what is certified', () => {
  it('against a run from another start with the same gradients', () => {
    fc.assert(
      fc.property(runs, ({ initialRadius, steps, oracles }) => {
        const profile = account({ method: 'gradient-clipping', initialRadius, steps }, 'retrained');
        const p = density(initialRadius, steps, oracles, OUT, REACH);
        const q = density(-initialRadius, steps, oracles, OUT, REACH);
        for (const epsilon of EPSILONS) expect(bothWays(p, q, epsilon)).toBeLessThanOrEqual(profile.delta(epsilon) + QUADRATURE);
      }),
      { numRuns: 8 },
    );
  });

  it('against the centre without any gradients, by the cost of the whole run', () => {
    fc.assert(
      fc.property(runs, ({ initialRadius, steps, oracles }) => {
        const mu = wholeMu({ method: 'gradient-clipping', initialRadius, steps }, 'centre');
        const p = density(initialRadius, steps, oracles, OUT, REACH);
        const q = density(0, steps, [], OUT, REACH);
        for (const epsilon of EPSILONS) expect(bothWays(p, q, epsilon)).toBeLessThanOrEqual(delta(epsilon, mu) + QUADRATURE);
      }),
      { numRuns: 8 },
    );
  });

  it('against the centre that follows the same gradients after the best prefix', () => {
    fc.assert(
      fc.property(runs, ({ initialRadius, steps, oracles }) => {
        const mechanism: GradientClipping = { method: 'gradient-clipping', initialRadius, steps };
        const { step } = bestPrefix(mechanism, 'centre');
        const p = density(initialRadius, steps, oracles, OUT, REACH);
        const q = density(0, steps, oracles.map((each, t) => (t < step ? undefined : each)), OUT, REACH);
        const profile = account(mechanism, 'centre');
        for (const epsilon of EPSILONS) expect(bothWays(p, q, epsilon)).toBeLessThanOrEqual(profile.delta(epsilon) + QUADRATURE);
      }),
      { numRuns: 8 },
    );
  });
});

describe('what is certified is reached', () => {
  it('by one step away from the centre', () => {
    const step: GradientClippingStep = { learningRate: 1, decay: 0.25, gradientRadius: 0.5, sigma: 1 };
    const outwards: Oracle = { threshold: 0, below: 1, above: -1 };
    const p = density(1, [step], [outwards], OUT, REACH);
    const q = density(-1, [step], [outwards], OUT, REACH);
    // N(1.25, 1) against N(−1.25, 1); the certified μ is (2·0.75 + 2·0.5)/1 = 2.5.
    for (const epsilon of EPSILONS) expect(hockeyStick(p, q, epsilon, OUT.weight)).toBeCloseTo(delta(epsilon, 2.5), 3);
  });

  it('by an adversary of model clipping that sorts states to the ends of the ball', () => {
    // Two steps, C2 = 1: the first run starts at 1, the second at −1; after noise, what lies above θ goes to 1 and the rest to −1; noise again.
    const sigma = 1.5;
    const mechanism = { method: 'model-clipping', initialRadius: 1, steps: [{ count: 2, learningRate: 1, decay: 0, modelRadius: 1, sigma }] } as const;
    const q = (x: number): number => normalCdf(-x);
    for (const epsilon of [0.2, 0.5, 1, 2]) {
      const certified = account(mechanism, 'retrained').delta(epsilon);
      let reached = 0;
      for (let theta = -2; theta <= 6; theta += 0.002) {
        const a = q((theta - 1) / sigma);
        const b = q((theta + 1) / sigma);
        // p − e^ε q of the mixtures a·N(1) + (1 − a)·N(−1) and b·N(1) + (1 − b)·N(−1) is u·N(1) − v·N(−1): positive above the point where u/v = e^{−2y/σ²}.
        const u = a - Math.exp(epsilon) * b;
        const v = Math.exp(epsilon) * (1 - b) - (1 - a);
        if (u <= 0 || v <= 0) continue;
        const y = (-Math.log(u / v) * sigma ** 2) / 2;
        reached = Math.max(reached, u * q((y - 1) / sigma) - v * q((y + 1) / sigma));
      }
      expect(reached).toBeLessThanOrEqual(certified);
      // The step of θ is 0.002 around a smooth maximum.
      expect(relativeError(reached, certified)).toBeLessThan(1e-5);
    }
  });
});

describe('where total distance over total noise is unsafe', () => {
  // No initial model, much noise, then a gradient behind little noise; the reference makes no gradient.
  const mechanism: GradientClipping = {
    method: 'gradient-clipping',
    initialRadius: 0,
    steps: [
      { learningRate: 1, decay: 0, gradientRadius: 0, sigma: 10 },
      { learningRate: 1, decay: 0, gradientRadius: 1, sigma: 0.1 },
    ],
  };

  it('the minorant gives μ = 10 where Δ/√V gives 0.1', () => {
    // D = (0, 1), V = (100, 100.01): edges (100, 0) and (0.01, 1), so μ² = 0 + 1/0.01. V_1 − V_0 never appears: the edge keeps σ² itself.
    expect(relativeError(wholeMu(mechanism, 'centre'), 10)).toBeLessThan(1e-14);
    expect(relativeError(wholeMu(mechanism, 'retrained'), 20)).toBeLessThan(1e-14);
  });

  it('an adversary that rounds the state to even numbers is far above Δ/√V, and below the minorant', () => {
    // The gradient may move the state by 1: to the nearest even number. That run is the mixture Σ w_k N(2k, 0.1²), w_k = Pr(|N(0, 10²) − 2k| < 1); the reference is N(0, 10² + 0.1²).
    const step = 0.005;
    const weights = Array.from({ length: 81 }, (_, i) => ({ centre: 2 * (i - 40), weight: normalCdf((2 * (i - 40) + 1) / 10) - normalCdf((2 * (i - 40) - 1) / 10) }));
    const gauss = (x: number, sigma: number): number => Math.exp(-((x / sigma) ** 2) / 2) / (sigma * Math.sqrt(2 * Math.PI));
    let reached = 0;
    for (let y = -80; y <= 80; y += step) {
      const near = weights[Math.round(y / 2) + 40];
      const p = near === undefined ? 0 : near.weight * gauss(y - near.centre, 0.1);
      reached += step * Math.max(0, p - gauss(y, Math.hypot(10, 0.1)));
    }
    expect(reached).toBeGreaterThan(0.7);
    expect(delta(0, 1 / Math.hypot(10, 0.1))).toBeLessThan(0.04);
    expect(reached).toBeLessThan(delta(0, wholeMu(mechanism, 'centre')));
  });

  it('decreasing noise makes Δ/√V too small, and so does growth', () => {
    const decreasing: GradientClipping = {
      method: 'gradient-clipping',
      initialRadius: 0.1,
      steps: Array.from({ length: 12 }, (_, t) => ({ learningRate: 0.01, decay: 10, gradientRadius: 1, sigma: 3 ** (1 - t / 11) })),
    };
    let distance = 2 * 0.1;
    let total = 0;
    for (const { sigma } of decreasing.steps) {
      distance = 0.9 * distance + 2 * 0.01;
      total = 0.81 * total + sigma ** 2;
    }
    expect(wholeMu(decreasing, 'retrained')).toBeGreaterThan((distance / Math.sqrt(total)) * 1.0001);
  });
});
