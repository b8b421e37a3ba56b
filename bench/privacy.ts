/**
 * Time of the accountant, against what it may take: `node scripts/run.js bench/privacy.ts`. Exits with 1 where a median is above its limit.
 */
import { account } from '../src/privacy/account';
import { calibrateSigma } from '../src/privacy/calibrate';
import { epsilonFromMu, logDelta, muFromTarget } from '../src/privacy/gaussian-dp';
import { totalVariationToRestart, tradeOff } from '../src/privacy/meaning';
import type { GradientClipping } from '../src/privacy/mechanism';
import { stepsOfPlan, type SchedulePlan } from '../src/privacy/shapes';
import { solveFor } from '../src/privacy/solve';
import { spent } from '../src/privacy/spent';

const target = { epsilon: 1, delta: 1e-5 };
const plan: SchedulePlan = {
  initialRadius: 10,
  steps: 10_000,
  learningRate: 0.02,
  decay: 0.01,
  gradientRadius: 1,
  sigma: 4,
  learningRateShape: { kind: 'warm-up', steps: 500, then: { kind: 'cosine', final: 0.1 } },
  sigmaShape: { kind: 'geometric', final: 0.3 },
};
/** 10,000 steps, no two alike. */
const custom: GradientClipping = { method: 'gradient-clipping', initialRadius: plan.initialRadius, steps: stepsOfPlan(plan) };
const million: GradientClipping = { method: 'gradient-clipping', initialRadius: 10, steps: [{ count: 1_000_000, learningRate: 0.02, decay: 0.01, gradientRadius: 1, sigma: 4 }] };

/** What the panel draws when a slider moves: noise calibrated anew, privacy along the run against both references, and the curves of what it means. */
function redraw(): number {
  const mechanism = calibrateSigma(custom, target, 'retrained');
  const curves = [spent(mechanism, 'retrained', target.delta), spent(mechanism, 'centre', target.delta)];
  const profile = account(mechanism, 'retrained');
  let sum = curves.length + totalVariationToRestart(mechanism);
  for (let i = 1; i < 200; i += 1) sum += profile.delta(i / 20) + tradeOff(profile.mu ?? 0, i / 200);
  return sum;
}

interface Case {
  readonly name: string;
  /** Milliseconds; undefined where none is demanded. */
  readonly limit: number | undefined;
  run(): unknown;
}

const cases: readonly Case[] = [
  { name: 'account for a custom schedule of 10,000 steps', limit: 2, run: () => account(custom, 'retrained') },
  { name: 'calibrate a custom schedule of 10,000 steps', limit: 50, run: () => calibrateSigma(custom, target, 'retrained') },
  { name: 'redraw the panel’s curves, 10,000 steps', limit: 16, run: redraw },
  { name: 'account for 1,000,000 equal steps', limit: undefined, run: () => account(million, 'retrained') },
  { name: 'solve 10,000 shaped steps for the initial radius', limit: undefined, run: () => solveFor('initialRadius', plan, target, 'retrained') },
  { name: 'ln δ(ε; μ), 1,000 calls', limit: undefined, run: () => repeat((x) => logDelta(1 + x, 0.3)) },
  { name: 'ε(μ, δ), 1,000 calls', limit: undefined, run: () => repeat((x) => epsilonFromMu(0.3 + x, 1e-5)) },
  { name: 'μ(ε, δ), 1,000 calls', limit: undefined, run: () => repeat((x) => muFromTarget(1 + x, 1e-5)) },
];

function repeat(call: (x: number) => number): number {
  let sum = 0;
  for (let i = 0; i < 1000; i += 1) sum += call(i / 1000);
  return sum;
}

let slow = false;
console.log('fastest    median      90th   limit');
for (const item of cases) {
  const { name, limit } = item;
  for (let warm = 0; warm < 15; warm += 1) item.run();
  const times = Array.from({ length: 61 }, () => {
    const start = performance.now();
    item.run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const median = times[30] ?? NaN;
  const fastest = times[0] ?? NaN;
  const ninetieth = times[54] ?? NaN;
  slow ||= limit !== undefined && median > limit;
  console.log(`${fastest.toFixed(2).padStart(7)}  ${median.toFixed(2).padStart(8)}  ${ninetieth.toFixed(2).padStart(8)}  ${(limit === undefined ? '' : `≤ ${limit}`).padStart(6)} ms  ${name}`);
}
process.exitCode = slow ? 1 : 0;
