import { describe, expect, it } from 'vitest';
import { compareMethods } from '../../../src/plan/compare';
import { planRun } from '../../../src/plan/plan';
import { suggestMethod } from '../../../src/plan/suggest';
import { account } from '../../../src/privacy/account';
import { stagesOf } from '../../../src/privacy/stages';
import { requestSchema, type Request } from '../../../src/request/schema';

const tensors = [
  { name: 'dense/kernel', count: 784 * 10, fanIn: 784 },
  { name: 'dense/bias', count: 10, fanIn: undefined },
];
const facts = { tensors, retainCount: 1000 };

function request(method: object, target: object = { epsilon: 1, delta: 1e-5 }): Request {
  return requestSchema.parse({
    version: 1, model: 'm.h5', data: { train: { format: 'idx', features: 'x', labels: 'y' } }, forget: { rows: [0] }, target,
    method: 'name' in method ? method : { name: 'gradient-clipping', initialRadius: 1, gradientRadius: 1, learningRate: 0.125, decay: 1, steps: 40, ...method },
  });
}

describe('a plan', () => {
  it('calibrates the noise so that the target is met, and barely', () => {
    const plan = planRun(request({}), facts);
    const { delta } = plan.target;
    const reached = account(plan.mechanism, 'retrained').delta(1);
    expect(reached).toBeLessThanOrEqual(delta);
    expect(reached).toBeGreaterThan(delta * (1 - 1e-6));
    expect(plan.noise).toBe('calibrated');
  });

  it('needs half the noise against the centre, and says what that is worth against a retrained model', () => {
    const retrained = planRun(request({}), facts);
    const centre = planRun(request({}, { epsilon: 1, delta: 1e-5, reference: 'centre' }), facts);
    const sigma = (plan: typeof centre): number => stagesOf(plan.mechanism)[0]?.steps[0]?.sigma ?? Number.NaN;
    expect(sigma(retrained) / sigma(centre)).toBeCloseTo(2, 9);
    expect((centre.costs.retrained.mu ?? 0) / (centre.costs.centre.mu ?? 0)).toBeCloseTo(2, 9);
  });

  it('accounts for noise that is given: the constant schedule of the published code at T = 93 is ε = 6.57, not 1', () => {
    // C0 = C1 = 1, γ = 0.001, λ = 50, σ = 0.0125: ρ = 0.95, Δ = 2·0.95^93 + 2·0.001·(1 − 0.95^93)/0.05 = 0.0566169519181700, V = σ²(1 − ρ^186)/(1 − ρ²) = 0.00160244891489396;
    // μ = Δ/√V = 1.41434183593011, ε(μ, 1e-5) = 6.57367948577157 (theorem: shifted interpolation, Bok et al. 2024; evaluated with 50 digits).
    const plan = planRun(request({ learningRate: 0.001, decay: 50, steps: 93, sigma: 0.0125 }, { delta: 1e-5 }), facts);
    expect(plan.noise).toBe('given');
    // 1 − γλ is rounded to float32 (relative 2⁻²⁵), 93 times over: relative 93·3e-8 ≈ 3e-6 in ρ^T.
    expect(plan.costs.retrained.epsilon / 6.57367948577157).toBeCloseTo(1, 4);
    expect(plan.target.epsilon).toBe(plan.costs.retrained.epsilon);
  });

  it('refuses noise that is too small for the target given with it', () => {
    expect(() => planRun(request({ sigma: 1e-3 }), facts)).toThrow(expect.objectContaining({ code: 'target-not-met' }) as Error);
  });

  it.each(['gradient-clipping', 'layered-gradient-clipping', 'sequential-subspaces', 'model-clipping'])('refuses a decay by which %s would throw the parameters away', (name) => {
    const method = { name, learningRate: 0.125, steps: 10, ...(name === 'layered-gradient-clipping' ? {} : { initialRadius: 1 }), ...(name.startsWith('g') || name.startsWith('s') ? { gradientRadius: 1 } : {}) };
    expect(() => planRun(request({ ...method, decay: 16 }), facts)).toThrow(expect.objectContaining({ code: 'decay-too-large', field: 'method.decay' }) as Error);
    expect(planRun(request({ ...method, decay: 15.9 }), facts).target.epsilon).toBe(1);
  });

  it('accounts for the very contraction that float32 arithmetic multiplies by', () => {
    const { mechanism } = planRun(request({ learningRate: 0.01, decay: 0.3 }), facts);
    const { learningRate = 0, decay = 0 } = stagesOf(mechanism)[0]?.steps[0] ?? {};
    expect(Math.fround(1 - learningRate * decay)).toBeCloseTo(1 - learningRate * decay, 15);
  });

  it('shows ε falling along the schedule to what will be stated', () => {
    const { schedule, costs } = planRun(request({}), facts);
    expect(schedule.at(0)?.step).toBe(1);
    expect(schedule.at(-1)?.step).toBe(40);
    expect(schedule.at(-1)?.epsilon ?? Number.NaN).toBeCloseTo(costs.retrained.epsilon, 9);
  });

  it('says that an exact restart is as good where it is', () => {
    const codes = (epsilon: number): string[] => planRun(request({}, { epsilon, delta: 1e-5 }), facts).advice.map(({ code }) => code);
    // 2Φ(μ/4) − 1 is 0.053 at ε = 1 and 0.323 at ε = 8 (δ = 1e-5).
    expect(codes(1)).toContain('restart-as-good');
    expect(codes(8)).not.toContain('restart-as-good');
  });

  it('warns of a δ above one over the number of records', () => {
    expect(planRun(request({}, { epsilon: 1, delta: 0.01 }), facts).advice.map(({ code }) => code)).toContain('delta-large');
    expect(planRun(request({}), facts).advice.map(({ code }) => code)).not.toContain('delta-large');
  });
});

describe('suggested parameters', () => {
  it.each([0.1, 1, 4, 16])('at ε = %d leave noise near half the scale of a fresh initialisation', (epsilon) => {
    const method = suggestMethod();
    const { signal } = planRun(request(method, { epsilon, delta: 1e-5 }), facts);
    expect(signal.noise / signal.initialScale).toBeGreaterThan(0.35);
    expect(signal.noise / signal.initialScale).toBeLessThan(0.65);
  });
});

describe('the comparison', () => {
  it('shows each method at the same target, the request\'s own as it stands, and why one cannot be used', () => {
    const planned = request({ initialRadius: 7 });
    const outlooks = compareMethods(planned, facts);
    expect(outlooks.map(({ method }) => method)).toEqual(['layered-gradient-clipping', 'gradient-clipping', 'sequential-subspaces', 'model-clipping', 'output-perturbation', 'convex-head', 'gaussian-restart', 'retrain']);
    const of = (name: string): (typeof outlooks)[number] | undefined => outlooks.find(({ method }) => method === name);
    expect(of('gradient-clipping')?.settings).toEqual(planned.method);
    expect(of('gradient-clipping')?.noise).toBeCloseTo(planRun(planned, facts).signal.noise, 12);
    // Output perturbation: f·C0/μ = 2·1/0.268051.
    expect(of('output-perturbation')?.noise).toBeCloseTo(2 / 0.268051123211294, 6);
    // Half of 1/√784 on every weight and bias.
    expect(of('layered-gradient-clipping')?.noiseToInitialScale).toBeCloseTo(0.5, 6);
    expect([of('retrain')?.distanceToRestart, of('gaussian-restart')?.distanceToRestart]).toEqual([0, 0]);
    expect(of('convex-head')?.unavailable).toMatch(/more than one linear layer/);
  });

  it('needs hardly any noise where one linear layer is all that is trained, and the plan says so', () => {
    const head = { loss: 'softmax-cross-entropy', inputRadius: 10, features: 784, slope: Math.SQRT2, centreNorm: 0 } as const;
    const outlook = compareMethods(request({}), { ...facts, head }).find(({ method }) => method === 'convex-head');
    expect(outlook?.noise).toBeLessThan(1e-3);
    expect(planRun(request({}), { ...facts, head }).advice.map(({ code }) => code)).toContain('convex-head');
  });
});

describe('a plan of another method', () => {
  const plan = (method: object): ReturnType<typeof planRun> => planRun(request(method), facts);

  it('states ε = δ = 0 for what never uses the trained parameters', () => {
    for (const name of ['retrain', 'gaussian-restart']) expect(plan({ name })).toMatchObject({ target: { epsilon: 0, delta: 0 }, noise: 'exact', schedule: [] });
  });

  it('meets the target barely with any schedule shape, and ε along it never rises', () => {
    const shapes = ['constant', 'cosine', { kind: 'geometric', final: 0.5 }, { kind: 'warm-up', steps: 3, then: 'linear' }, { kind: 'points', points: [[0, 0.5], [0.4, 1], [1, 0]] }, [3, 1, 2, 0, 1, 1, 1, 1]];
    for (const name of ['gradient-clipping', 'sequential-subspaces']) {
      for (const sigmaShape of shapes) {
        const { costs, schedule } = plan({ name, initialRadius: 1, gradientRadius: 0.1, learningRate: 0.1, decay: 1, steps: 8, learningRateShape: 'linear', sigmaShape });
        expect(costs.retrained.epsilon).toBeGreaterThan(1 - 1e-6);
        // ε at δ is rounded up once more.
        expect(costs.retrained.epsilon).toBeLessThanOrEqual(1 + 1e-12);
        const epsilons = schedule.flatMap(({ epsilon }) => epsilon ?? []);
        for (const [index, epsilon] of epsilons.slice(1).entries()) expect(epsilon).toBeLessThanOrEqual((epsilons[index] ?? 0) * (1 + 1e-9));
        expect(epsilons.at(-1)).toBeCloseTo(costs.retrained.epsilon, 6);
      }
    }
  });

  it.each([[1000, 1, 0.5], [10_000, 1, 0.5], [100_000, 1, 0.5], [10_000, 1, 0], [10_000, 10, 0.5], [100, 10, 0]])('is valid with layers however little of the start is left: %d steps with decay %d, a share of %d for the gradients', (steps, decay, gradientShare) => {
    const { mechanism, target, signal } = planRun(request({ name: 'layered-gradient-clipping', steps, decay, gradientShare }), facts);
    const reached = account(mechanism, 'retrained').delta(1);
    expect(reached).toBeLessThanOrEqual(target.delta);
    // 1e-12 of margin for every million of roundings: barely met means within a thousandth.
    expect(reached).toBeGreaterThan(target.delta * 0.999);
    for (const { initialRadius, steps: each } of stagesOf(mechanism)) {
      expect(initialRadius).toBeGreaterThan(1);
      expect(each[0]?.gradientRadius).toBeGreaterThan(0);
    }
    // Half of the usual scale, as asked for; the second block has few numbers and the same scale.
    expect(signal.noise / signal.initialScale).toBeCloseTo(0.5, 6);
  });

  it('has no μ for model clipping against a retrained model, and the noise of the reference table', () => {
    // σ/C2 at ε = 1, δ = 1e-5 (Koloskova et al. 2025, model clipping, accounted exactly): 0.749 for 10 steps.
    const { costs, mechanism } = plan({ name: 'model-clipping', initialRadius: 1, learningRate: 0.1, steps: 10 });
    expect(costs.retrained.mu).toBeUndefined();
    expect(stagesOf(mechanism)[0]?.steps[0]?.sigma).toBeCloseTo(0.749, 3);
  });

  it('keeps runs of equal steps together', () => {
    const { mechanism } = plan({ name: 'gradient-clipping', initialRadius: 1, gradientRadius: 0.1, learningRate: 0.1, decay: 1, steps: 100, sigmaShape: { kind: 'warm-up', steps: 2 } });
    expect(stagesOf(mechanism)[0]?.steps.map(({ count }) => count)).toEqual([1, 99]);
  });
});
