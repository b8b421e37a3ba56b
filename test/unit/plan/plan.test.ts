import { describe, expect, it } from 'vitest';
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
