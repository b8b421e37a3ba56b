import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { bestPrefix, visitEnergies } from '../../../src/privacy/gradient-clipping';
import type { GradientClipping, GradientClippingStep } from '../../../src/privacy/mechanism';
import { relativeError } from './fixture';
import { logUniform, schedules } from './random';

function mu(mechanism: GradientClipping, reference: 'retrained' | 'centre' = 'retrained'): number {
  return account(mechanism, reference).mu ?? NaN;
}

function mapSteps(mechanism: GradientClipping, map: (step: GradientClippingStep) => GradientClippingStep): GradientClipping {
  return { ...mechanism, steps: mechanism.steps.map(map) };
}

/** One entry for every step. */
function unrolled({ steps }: GradientClipping): GradientClippingStep[] {
  return steps.flatMap((step) => Array.from({ length: step.count ?? 1 }, () => ({ ...step, count: 1 })));
}

// Two accountings of the same process differ by rounding alone: at most 6T·2⁻⁵³ for T ≤ 120 steps, and the outward margins, of 1e-12 and again 6T·2⁻⁵³.
const SAME = 1e-11;

describe('gradient clipping of any schedule', () => {
  it('costs no more with more noise in any step', () => {
    fc.assert(
      fc.property(schedules, fc.nat(), logUniform(1, 100), (mechanism, pick, factor) => {
        const chosen = pick % mechanism.steps.length;
        const louder: GradientClipping = { ...mechanism, steps: mechanism.steps.map((step, index) => (index === chosen ? { ...step, sigma: step.sigma * factor } : step)) };
        expect(mu(louder)).toBeLessThanOrEqual(mu(mechanism) * (1 + SAME));
      }),
    );
  });

  it('never has a prefix that is better than the whole with its prefix rule', () => {
    fc.assert(
      fc.property(schedules, fc.nat(), (mechanism, cut) => {
        const steps = unrolled(mechanism);
        const prefix: GradientClipping = { ...mechanism, steps: steps.slice(0, cut % (steps.length + 1)) };
        expect(mu(prefix)).toBeGreaterThanOrEqual(mu(mechanism) * (1 - SAME));
      }),
    );
  });

  it('is unchanged when all radii and σ are scaled together', () => {
    fc.assert(
      fc.property(schedules, logUniform(1e-6, 1e6), (mechanism, factor) => {
        const scaled = mapSteps({ ...mechanism, initialRadius: mechanism.initialRadius * factor }, (step) => ({ ...step, gradientRadius: step.gradientRadius * factor, sigma: step.sigma * factor }));
        expect(relativeError(mu(scaled), mu(mechanism))).toBeLessThan(SAME);
      }),
    );
  });

  it('is unchanged when runs of equal steps are split', () => {
    fc.assert(
      fc.property(schedules, (mechanism) => {
        expect(relativeError(mu({ ...mechanism, steps: unrolled(mechanism) }), mu(mechanism))).toBeLessThan(SAME);
      }),
    );
  });

  it('is unchanged when a step is split into its gradient and its noise, and the noise into two draws', () => {
    fc.assert(
      fc.property(schedules, fc.double({ min: 1e-6, max: 0.999, noNaN: true }), (mechanism, share) => {
        const idle = { learningRate: 0, decay: 0, gradientRadius: 0 };
        const split: GradientClipping = {
          ...mechanism,
          steps: unrolled(mechanism).flatMap((step) => [
            { ...step, sigma: 0 },
            { ...idle, sigma: step.sigma * Math.sqrt(share) },
            { ...idle, sigma: step.sigma * Math.sqrt(1 - share) },
          ]),
        };
        // Squaring and adding the two parts of σ² brings a rounding error of its own.
        expect(relativeError(mu(split), mu(mechanism))).toBeLessThan(SAME);
      }),
    );
  });

  it('is unchanged by steps without noise at the end', () => {
    fc.assert(
      fc.property(schedules, logUniform(1e-3, 10), logUniform(1e-3, 10), (mechanism, learningRate, gradientRadius) => {
        const longer: GradientClipping = { ...mechanism, steps: [...mechanism.steps, { count: 50, learningRate, decay: 0.1, gradientRadius, sigma: 0 }] };
        expect(mu(longer)).toBeLessThanOrEqual(mu(mechanism));
        // Shrinking a state is post-processing as well, so nothing is gained either.
        expect(relativeError(mu(longer), mu(mechanism))).toBeLessThan(SAME);
      }),
    );
  });

  it('costs exactly twice as much against retrained as against the centre', () => {
    fc.assert(
      fc.property(schedules, (mechanism) => {
        expect(mu(mechanism, 'centre')).toBeLessThanOrEqual(mu(mechanism));
        expect(relativeError(2 * mu(mechanism, 'centre'), mu(mechanism))).toBeLessThan(SAME);
      }),
    );
  });

  it('has the same least prefix by the minorant as by the closed form', () => {
    fc.assert(
      fc.property(schedules, (mechanism) => {
        let least = Infinity;
        visitEnergies(mechanism, 'retrained', (_, energy) => {
          least = Math.min(least, energy);
        });
        expect(relativeError(bestPrefix(mechanism, 'retrained').mu, Math.sqrt(least))).toBeLessThan(SAME);
      }),
    );
  });

  it('has the energy of the greatest convex minorant, found by comparing every pair of points', () => {
    fc.assert(
      fc.property(schedules, (mechanism) => {
        const last = { energy: Infinity };
        visitEnergies(mechanism, 'retrained', (_, energy) => {
          last.energy = energy;
        });
        expect(relativeError(last.energy, slowEnergy(mechanism))).toBeLessThan(1e-9);
      }),
    );
  });
});

/** Σ (ΔD)²/ΔV over the lower hull of the points, each corner the point of least slope from the one before: quadratic, and nothing shared with the stack. */
function slowEnergy(mechanism: GradientClipping): number {
  const steps = unrolled(mechanism);
  const rho = steps.map(({ learningRate, decay }) => Math.abs(1 - learningRate * decay));
  const after = (t: number): number => rho.slice(t + 1).reduce((product, value) => product * value, 1);
  const points = steps.map((_, j) => {
    let d = 2 * mechanism.initialRadius * rho.reduce((product, value) => product * value, 1);
    let v = 0;
    for (let t = 0; t <= j; t += 1) {
      const step = steps[t];
      if (step === undefined) continue;
      d += 2 * step.learningRate * step.gradientRadius * after(t);
      v += step.sigma ** 2 * after(t) ** 2;
    }
    return { d, v };
  });
  let energy = 0;
  let from = { d: 0, v: 0 };
  let index = -1;
  while (index < points.length - 1) {
    let best = -1;
    let slope = Infinity;
    for (let j = index + 1; j < points.length; j += 1) {
      const point = points[j];
      if (point === undefined) continue;
      const candidate = point.v > from.v ? (point.d - from.d) / (point.v - from.v) : point.d > from.d ? Infinity : 0;
      if (candidate <= slope) [best, slope] = [j, candidate];
    }
    const to = points[best];
    if (to === undefined) break;
    if (to.v > from.v) energy += (to.d - from.d) ** 2 / (to.v - from.v);
    else if (to.d > from.d) return Infinity;
    from = to;
    index = best;
  }
  return from.v === 0 ? Infinity : energy;
}

describe('profiles', () => {
  it('undo themselves: ε(δ(ε)) = ε, rounded up', () => {
    fc.assert(
      fc.property(logUniform(1e-4, 20), logUniform(1e-3, 200), (target, epsilon) => {
        const profile = account({ method: 'output-perturbation', initialRadius: target / 2, sigma: 1 }, 'retrained');
        const delta = profile.delta(epsilon);
        fc.pre(delta > 1e-300 && delta < 0.9);
        expect(relativeError(profile.epsilon(delta), epsilon)).toBeLessThan(1e-9);
        expect(profile.delta(profile.epsilon(delta))).toBeLessThanOrEqual(delta);
      }),
    );
  });
});
