import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { exactNoiseMultiplier, paperFormulaHolds, paperNoiseMultiplier, paperSigma, paperSteps, renyiDivergence, renyiEpsilon, renyiNoiseMultiplier } from '../../../src/privacy/comparison';
import { muFromTarget } from '../../../src/privacy/gaussian-dp';
import { layerScaled } from '../../../src/privacy/layer-scaled';
import { attackerTruePositiveRate, noiseToInitialScale, residueOf, signalToNoiseBound, totalVariationToRestart, tradeOff, usualScale, type Layer } from '../../../src/privacy/meaning';
import { gaussianProfile } from '../../../src/privacy/profile';
import type { SchedulePlan } from '../../../src/privacy/shapes';
import { relativeError } from './fixture';

describe('distance to the exact restart', () => {
  it.each([[1, 0.053], [4, 0.183], [8, 0.323]])('is at most 2Φ(μ/4) − 1: at ε = %i, δ = 1e-5 that is %f', (epsilon, distance) => {
    const mu = muFromTarget(epsilon, 1e-5);
    // As output perturbation with μ = 2C0/σ; published to three decimals.
    expect(totalVariationToRestart({ method: 'output-perturbation', initialRadius: mu / 2, sigma: 1 })).toBeCloseTo(distance, 3);
  });

  it('is 0 for a restart, and unbounded without a centre', () => {
    expect(totalVariationToRestart({ method: 'retrain' })).toBe(0);
    expect(totalVariationToRestart({ method: 'dp-sgd-group', perRecord: { mu: 0.1 }, groupSize: 1 })).toBe(1);
  });
});

describe('an attacker', () => {
  it('at μ = 1 finds 15.7 % at a false-positive rate of 2.3 %', () => {
    // Φ(Φ⁻¹(Φ(−2)) + 1) = Φ(−1).
    const rate = 0.022750131948179207;
    expect(relativeError(attackerTruePositiveRate(gaussianProfile(1), rate), 0.15865525393145705)).toBeLessThan(1e-12);
    expect(relativeError(1 - tradeOff(1, rate), 0.15865525393145705)).toBeLessThan(1e-12);
  });

  it('learns nothing at μ = 0 and everything at μ = ∞', () => {
    for (const rate of [0, 0.01, 0.5, 1]) expect(attackerTruePositiveRate(gaussianProfile(0), rate)).toBeCloseTo(rate, 14);
    expect(attackerTruePositiveRate(gaussianProfile(Infinity), 0.01)).toBe(1);
  });

  it('of a curve is bounded by its best line', () => {
    // One step of model clipping is δ(ε; μ = 2) at every ε: the sweep of ε must come near the exact trade-off, and never below it.
    const curve = account({ method: 'model-clipping', initialRadius: 1, steps: [{ learningRate: 0.1, decay: 0, modelRadius: 1, sigma: 1 }] }, 'retrained');
    for (const rate of [1e-6, 1e-3, 0.01, 0.1, 0.5]) {
      const exact = 1 - tradeOff(2, rate);
      expect(attackerTruePositiveRate(curve, rate)).toBeGreaterThanOrEqual(exact);
      expect(relativeError(attackerTruePositiveRate(curve, rate), exact)).toBeLessThan(0.01);
    }
  });

  it('has rates between 0 and 1', () => {
    for (const rate of [-0.1, 1.1, NaN]) expect(() => tradeOff(1, rate)).toThrow(expect.objectContaining({ code: 'out-of-range' }));
  });
});

describe('what is left of a run', () => {
  it('is C0·∏|ρ| of the model, √V of noise, and Σ γC1·∏|ρ| of reach', () => {
    // ρ = ½ for two steps: 8/4; V = ¼·9 + 9 = 11.25; reach = ½·2 + 2 = 3.
    expect(residueOf({ initialRadius: 8, steps: [{ count: 2, learningRate: 0.5, decay: 1, gradientRadius: 4, sigma: 3 }] })).toEqual({ signal: 2, noise: Math.sqrt(11.25), reach: 3 });
  });

  it('has a signal of at most μ/(2√d) of its noise', () => {
    // Output perturbation reaches it: C0/(σ√d) = μ/(2√d).
    expect(signalToNoiseBound(1.5, 100)).toBe(0.075);
  });

  it('compares noise with usual scales', () => {
    expect(usualScale(784)).toBeCloseTo(1 / 28, 15);
    expect(noiseToInitialScale(0.1, [{ name: 'a', count: 10, initialScale: 0.2 }])).toEqual([{ name: 'a', ratio: 0.5 }]);
  });
});

describe('what the same target costs elsewhere', () => {
  it('at ε = 1, δ = 1e-5: 5.0896 in the paper, 4.0451 by Rényi, 3.7306 exactly', () => {
    const target = { epsilon: 1, delta: 1e-5 };
    expect(paperNoiseMultiplier(target)).toBeCloseTo(5.0896, 4);
    expect(renyiNoiseMultiplier(target)).toBeCloseTo(4.0451, 4);
    expect(exactNoiseMultiplier(target)).toBeCloseTo(3.7306, 4);
  });

  it.each([[0.1, 63.5], [1, 46.3], [4, 27.8], [8, 11]])('at ε = %f exact accounting saves %f % of the paper’s variance', (epsilon, percent) => {
    const target = { epsilon, delta: 1e-5 };
    expect(100 * (1 - (exactNoiseMultiplier(target) / paperNoiseMultiplier(target)) ** 2)).toBeCloseTo(percent, 1);
  });

  it.each([0, 0.5, 8])('has the paper’s closed form, K times Δ over √(V/σ²), for λ = %f', (decay) => {
    const schedule = { initialRadius: 3, steps: 12, learningRate: 0.1, decay, gradientRadius: 2 };
    const { signal, noise, reach } = residueOf({ initialRadius: 3, steps: [{ count: 12, learningRate: 0.1, decay, gradientRadius: 2, sigma: 1 }] });
    const target = { epsilon: 1, delta: 1e-5 };
    expect(relativeError(paperSigma(schedule, target), (paperNoiseMultiplier(target) * 2 * (signal + reach)) / noise)).toBeLessThan(1e-13);
  });

  it('has the paper’s number of steps', () => {
    expect(paperSteps({ initialRadius: 3, learningRate: 0.1, decay: 0, gradientRadius: 2 })).toBe(15);
    // ln(2·50·20/10)/(0.01·50) = 10.6.
    expect(paperSteps({ initialRadius: 20, learningRate: 0.01, decay: 50, gradientRadius: 10 })).toBe(11);
    // Nothing to forget: ln(0.2) is negative.
    expect(paperSteps({ initialRadius: 0.1, learningRate: 0.1, decay: 1, gradientRadius: 1 })).toBe(1);
  });

  it('knows where the paper’s closed form is proven', () => {
    // 0.2574·ln(1e5) = 2.963.
    expect(paperFormulaHolds({ epsilon: 2.96, delta: 1e-5 })).toBe(true);
    expect(paperFormulaHolds({ epsilon: 2.97, delta: 1e-5 })).toBe(false);
  });

  it('converts Rényi curves no better than the exact curve', () => {
    expect(renyiDivergence(3, 2)).toBe(6);
    for (const epsilon of [0.1, 1, 8]) {
      const mu = muFromTarget(epsilon, 1e-5);
      expect(renyiEpsilon(mu, 1e-5)).toBeGreaterThan(epsilon);
      expect(relativeError(renyiEpsilon(1 / renyiNoiseMultiplier({ epsilon, delta: 1e-5 }), 1e-5), epsilon)).toBeLessThan(1e-9);
    }
  });
});

describe('noise scaled to layers', () => {
  const layers: readonly Layer[] = [
    { name: 'hidden', count: 3920, initialScale: usualScale(784) },
    { name: 'output', count: 50, initialScale: usualScale(5) },
  ];
  const plan: SchedulePlan = { initialRadius: 1, steps: 20, learningRate: 0.1, decay: 0.5, gradientRadius: 2, sigma: 1 };
  const target = { epsilon: 1, delta: 1e-5 };
  const mechanism = layerScaled(layers, 0.5, plan, target, 'retrained');

  it('meets the target exactly', () => {
    const profile = account(mechanism, 'retrained');
    expect(profile.delta(1)).toBeLessThanOrEqual(1e-5);
    expect(relativeError(profile.mu ?? NaN, muFromTarget(1, 1e-5))).toBeLessThan(1e-10);
  });

  it('ends with the given fraction of each layer’s usual scale', () => {
    for (const [index, block] of mechanism.blocks.entries()) expect(relativeError(residueOf(block).noise, 0.5 * (layers[index]?.initialScale ?? NaN))).toBeLessThan(1e-10);
  });

  it('shares the budget by size, so that radii go with the norm of a usual layer', () => {
    const [hidden, output] = mechanism.blocks;
    // √(3920/784) to √(50/5).
    expect(relativeError((hidden?.initialRadius ?? NaN) / (output?.initialRadius ?? NaN), Math.sqrt(3920 / 784) / Math.sqrt(50 / 5))).toBeLessThan(1e-12);
    expect(relativeError((hidden?.steps[0]?.gradientRadius ?? NaN) / (hidden?.initialRadius ?? NaN), 2)).toBeLessThan(1e-12);
  });

  it('of a single layer is the plain schedule, scaled', () => {
    const single = layerScaled([{ name: 'all', count: 10, initialScale: 1 }], 0.5, plan, target, 'retrained');
    const [block] = single.blocks;
    expect(relativeError(account({ method: 'gradient-clipping', initialRadius: block?.initialRadius ?? NaN, steps: block?.steps ?? [] }, 'retrained').mu ?? NaN, muFromTarget(1, 1e-5))).toBeLessThan(1e-10);
  });

  it('needs layers', () => {
    expect(() => layerScaled([], 0.5, plan, target, 'retrained')).toThrow(expect.objectContaining({ code: 'malformed' }));
  });
});
