import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { bestPrefix, visitEnergies, type ClippedDescent } from '../../../src/privacy/gradient-clipping';
import type { GradientClippingStep } from '../../../src/privacy/mechanism';
import { relativeError } from './fixture';

const MILLION = 1_000_000;

function constant(initialRadius: number, step: GradientClippingStep): ClippedDescent {
  return { initialRadius, steps: [step] };
}

/** Δ/√V of T equal steps in closed form: ρ^T by log1p and 1 − ρ^T by expm1 keep all digits. */
function closedForm({ initialRadius, steps: [step] }: ClippedDescent, T: number): number {
  if (step === undefined) return NaN;
  const { learningRate, decay, gradientRadius, sigma } = step;
  const slow = learningRate * decay;
  const log = T * Math.log1p(-slow);
  const distance = 2 * initialRadius * Math.exp(log) + (2 * gradientRadius * -Math.expm1(log)) / decay;
  const variance = (sigma ** 2 * -Math.expm1(2 * log)) / (slow * (2 - slow));
  return distance / Math.sqrt(variance);
}

function last(process: ClippedDescent): number {
  let energy = NaN;
  visitEnergies(process, 'retrained', (_, value) => {
    energy = value;
  });
  return Math.sqrt(energy);
}

describe('a million steps', () => {
  it('with a decay that remembers all of them agree with the closed form', () => {
    const run = constant(10, { count: MILLION, learningRate: 0.1, decay: 1e-5, gradientRadius: 1e-4, sigma: 0.01 });
    expect(relativeError(last(run), closedForm(run, MILLION))).toBeLessThan(1e-10);
  });

  it('without decay have their best prefix at C0/(γ·C1)', () => {
    // (C0 + C1γT)/√T is least at T = C0/(γC1) = 500,000.
    const run = constant(50, { count: MILLION, learningRate: 0.25, decay: 0, gradientRadius: 2 ** -12 * 1.6384, sigma: 1 });
    expect(bestPrefix(run, 'retrained').step).toBe(500_000);
    expect(relativeError(bestPrefix(run, 'retrained').mu, (4 * 50) / Math.sqrt(500_000))).toBeLessThan(1e-10);
  });

  it('that halve or double the distance stay finite', () => {
    const halving = constant(1, { count: MILLION, learningRate: 1, decay: 0.5, gradientRadius: 1, sigma: 1 });
    // In the limit D = 2·C1·γ/(1 − ½) = 4 and V = 1/(1 − ¼): μ = 4/√(4/3) = √12.
    expect(relativeError(last(halving), Math.sqrt(12))).toBeLessThan(1e-14);
    const doubling = constant(1, { count: MILLION, learningRate: 1, decay: -1, gradientRadius: 1, sigma: 1 });
    // After one step D = 2·2 + 2 = 6, V = 1. The second finds a slope of 12/4 = 3, above its own 2/1, and merges: 14²/5. The third finds 28/20 = 1.4 and is a corner,
    // as is every later one, which finds 4/4: each hides its shift of 2 by its own noise alone.
    expect(relativeError(last(doubling), Math.sqrt(14 ** 2 / 5 + 4 * (MILLION - 2)))).toBeLessThan(1e-9);
    expect(bestPrefix(doubling, 'retrained')).toEqual({ step: 1, mu: 6 });
  });

  it('that only shrink the state after the noise change nothing', () => {
    const shrunk: ClippedDescent = {
      initialRadius: 1,
      steps: [{ learningRate: 0, decay: 0, gradientRadius: 0, sigma: 4 }, { count: 100_000, learningRate: 1, decay: 0.1, gradientRadius: 0, sigma: 0 }],
    };
    expect(last(shrunk)).toBe(0.5);
    expect(bestPrefix(shrunk, 'retrained')).toEqual({ step: 1, mu: 0.5 });
  });

  it('never claim that what is left of the initial model is exactly nothing', () => {
    const forgotten = account({ method: 'gradient-clipping', initialRadius: 1, steps: [{ count: 100_000, learningRate: 1, decay: 0.5, gradientRadius: 0, sigma: 1 }] }, 'retrained');
    expect(forgotten.mu).toBeGreaterThan(0);
    expect(forgotten.mu).toBeLessThan(1e-300);
  });
});

describe('steps that forget everything', () => {
  it('leave only what comes after them', () => {
    // γλ = 1: ρ = 0, so μ = 2γC1/σ of that step, whatever was before.
    const run = (initialRadius: number): number =>
      last({ initialRadius, steps: [{ count: 3, learningRate: 0.1, decay: 0, gradientRadius: 5, sigma: 0 }, { learningRate: 0.5, decay: 2, gradientRadius: 3, sigma: 1.5 }] });
    expect(run(1)).toBe(2);
    expect(run(1e50)).toBe(2);
  });
});
