import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account, type PrivacyProfile } from '../../../src/privacy/account';
import { calibrateNoise, withNoiseTimes } from '../../../src/privacy/calibrate-any';
import type { Block, Mechanism } from '../../../src/privacy/mechanism';
import { logUniform } from './random';

const rate = fc.oneof(fc.constant(0), logUniform(1e-2, 1));
const radius = logUniform(1e-2, 10);
const sigma = logUniform(0.1, 20);
const decay = fc.integer({ min: 0, max: 20 }).map((n) => n / 16);
const count = fc.integer({ min: 1, max: 4 });

function blocksOf(length: number): fc.Arbitrary<Block> {
  return fc.record({
    name: fc.constant('block'),
    initialRadius: radius,
    steps: fc.array(fc.record({ learningRate: rate, decay, gradientRadius: radius, sigma }), { minLength: length, maxLength: length }),
  });
}

const blocks = fc.integer({ min: 1, max: 4 }).chain((length) => fc.array(blocksOf(length), { minLength: 1, maxLength: 3 }));

/** Every method that adds noise of its own. */
const mechanisms: fc.Arbitrary<Mechanism> = fc.oneof(
  fc.record({ method: fc.constant('layered-gradient-clipping' as const), blocks }),
  fc.record({ method: fc.constant('sequential-subspaces' as const), blocks }),
  fc.record({
    method: fc.constant('model-clipping' as const),
    initialRadius: radius,
    initialSigma: fc.oneof(fc.constant(0), sigma),
    steps: fc.array(fc.record({ count, learningRate: rate, decay, modelRadius: radius, sigma }), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    method: fc.constant('model-clipping' as const),
    initialRadius: radius,
    steps: fc.array(fc.record({ count, learningRate: rate, decay, modelRadius: radius, gradientRadius: radius, sigma }), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({ method: fc.constant('output-perturbation' as const), initialRadius: radius, sigma }),
  fc.record({
    method: fc.constant('convex-head' as const),
    loss: fc.constantFrom('softmax-cross-entropy' as const, 'binary-cross-entropy' as const, 'squared' as const),
    initialRadius: radius,
    steps: fc.array(fc.record({ count, learningRate: rate, decay: logUniform(1e-3, 1), inputRadius: logUniform(0.1, 2) }), { maxLength: 4 }),
    sigma,
  }),
);

const EPSILONS = [0, 0.01, 0.3, 1, 5];
// Outward margins of both sides, of 1e-12 in μ each: |d ln δ/d ln μ| stays below 1e4 where δ is above 1e-300.
const SAME = 1e-7;

function leq(a: PrivacyProfile, b: PrivacyProfile): void {
  for (const epsilon of EPSILONS) if (b.logDelta(epsilon) > -690) expect(a.logDelta(epsilon)).toBeLessThanOrEqual(b.logDelta(epsilon) + SAME);
}

function same(a: PrivacyProfile, b: PrivacyProfile): void {
  leq(a, b);
  leq(b, a);
}

describe('every method with noise of its own', () => {
  it('costs no more with more noise', () => {
    fc.assert(fc.property(mechanisms, logUniform(1, 10), (mechanism, factor) => leq(account(withNoiseTimes(mechanism, factor), 'retrained'), account(mechanism, 'retrained'))));
  });

  it('never costs more against the centre than against retrained', () => {
    fc.assert(fc.property(mechanisms, (mechanism) => leq(account(mechanism, 'centre'), account(mechanism, 'retrained'))));
  });

  it('has δ that falls with ε, and an ε that undoes it', () => {
    fc.assert(
      fc.property(mechanisms, logUniform(1e-12, 0.5), (mechanism, delta) => {
        const profile = account(mechanism, 'retrained');
        for (const [index, epsilon] of EPSILONS.entries()) if (index > 0) expect(profile.logDelta(epsilon)).toBeLessThanOrEqual(profile.logDelta(EPSILONS[index - 1] ?? 0));
        const epsilon = profile.epsilon(delta);
        expect(profile.delta(epsilon)).toBeLessThanOrEqual(delta);
        if (epsilon > 1e-6) expect(profile.delta(epsilon * (1 - 1e-9))).toBeGreaterThanOrEqual(delta * (1 - 1e-5));
      }),
    );
  });

  it('is unchanged when every length is scaled', () => {
    const scale = (value: unknown, factor: number): unknown => {
      if (Array.isArray(value)) return value.map((item) => scale(item, factor));
      if (typeof value !== 'object' || value === null) return value;
      const lengths = ['initialRadius', 'gradientRadius', 'modelRadius', 'sigma', 'initialSigma'];
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, lengths.includes(key) && typeof part === 'number' ? part * factor : scale(part, factor)]));
    };
    fc.assert(fc.property(mechanisms, logUniform(1e-3, 1e3), (mechanism, factor) => same(account(scale(mechanism, factor) as Mechanism, 'retrained'), account(mechanism, 'retrained'))));
  });

  it('can be calibrated to any target, in floating point', () => {
    fc.assert(
      fc.property(mechanisms, logUniform(0.05, 20), logUniform(1e-10, 0.1), fc.constantFrom('retrained' as const, 'centre' as const), (mechanism, epsilon, delta, reference) => {
        const profile = account(calibrateNoise(mechanism, { epsilon, delta }, reference), reference);
        expect(profile.delta(epsilon)).toBeLessThanOrEqual(delta);
        expect(profile.delta(epsilon)).toBeGreaterThan(delta * (1 - 1e-6));
      }),
    );
  });
});

describe('model clipping', () => {
  it('is unchanged when runs are split or steps without noise are added', () => {
    fc.assert(
      fc.property(mechanisms, (mechanism) => {
        if (mechanism.method !== 'model-clipping' || mechanism.steps.some(({ gradientRadius }) => gradientRadius !== undefined)) return;
        const unrolled = mechanism.steps.flatMap((step) => Array.from({ length: step.count ?? 1 }, () => ({ ...step, count: 1 })));
        const tail = { count: 3, learningRate: 1, decay: 0, modelRadius: 1, sigma: 0 };
        same(account({ ...mechanism, steps: unrolled }, 'retrained'), account(mechanism, 'retrained'));
        same(account({ ...mechanism, steps: [...mechanism.steps, tail] }, 'centre'), account(mechanism, 'centre'));
      }),
    );
  });
});
