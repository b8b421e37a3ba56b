import expm1 from '@stdlib/math-base-special-expm1';
import { checkCount, checkDecay, checkEach, checkMagnitude, gapOf } from './checks';
import { logDelta } from './gaussian-dp';
import { bestPrefix, countSteps } from './gradient-clipping';
import type { GradientClippingStep, ModelClipping, Reference } from './mechanism';
import { PrivacyError } from './privacy-error';
import { curveProfile, roundUpMu, type PrivacyProfile } from './profile';

/** Below e^−800 every δ is 0 as a double; the recursion need not go further, and ln δ is rounded up to this. */
const SMALLEST_LOG_DELTA = -800;

/** Every ε is a recursion over all steps: a million take up to half a second, and ε at a δ some twenty times that. */
const MOST_CLIPPED_STEPS = 1_000_000;

/** Later starts that are tried where both clips are on; more would only sharpen schedules that change in every one of thousands of steps. */
const MOST_STARTS = 200;

/**
 * Model clipping (Koloskova et al. 2025), accounted exactly. The guarantee is a curve, not Gaussian DP:
 *
 * A step maps into a ball of radius C2 and adds noise. Amplification under the Dobrushin condition (B. Balle, G. Barthe, M. Gaboardi, J. Geumlek, NeurIPS 2019, Theorem 1) gives
 * δ_{t+1}(ε) = δ_t · θ_ε̃(2·C2/σ_t), with ε̃ = ln(1 + (e^ε − 1)/δ_t) and θ_ε(r) = δ(ε; μ = r), from δ_0 = θ_ε(2·C0/σ_0), or 1 without initial noise. This is
 * tight for arbitrary maps into the ball, so learning rate, decay and gradients do not enter.
 * For `centre` the certifying algorithm may start at the centre in any step t, at δ = θ_ε(C2/σ_t), and follow the same retained-data steps from there on.
 * Where every gradient is clipped too, the exact accounting of gradient clipping holds as well, from the start or from any later step, at which two runs are at
 * most f·C2 apart. The better of the two counts, at every ε.
 */
export function accountModelClipping(mechanism: ModelClipping, reference: Reference): PrivacyProfile {
  checkModelClipping(mechanism);
  const gap = gapOf(reference);
  const draws = drawsOf(mechanism);
  const descent = clippedGradientMu(mechanism, reference);
  const mu = gap === 1 ? Math.min(centreMu(draws), descent) : descent;
  const rounded = roundUpMu(mu, countSteps(mechanism.steps) + 1);
  const recursion = gap === 1 ? centreLogDelta : retrainedLogDelta;
  const logDeltaAt = (epsilon: number): number => Math.min(logDelta(epsilon, rounded), recursion(draws, epsilon));
  return curveProfile(logDeltaAt, mu < Infinity ? rounded : undefined);
}

function checkModelClipping(mechanism: ModelClipping): void {
  checkMagnitude(mechanism.initialRadius, 'initialRadius');
  checkMagnitude(mechanism.initialSigma ?? 0, 'initialSigma');
  checkEach(mechanism.steps, 'steps', (step) => {
    checkCount(step.count ?? 1, 'count');
    checkMagnitude(step.learningRate, 'learningRate');
    checkDecay(step.learningRate, step.decay, 'decay');
    checkMagnitude(step.modelRadius, 'modelRadius');
    checkMagnitude(step.gradientRadius ?? 0, 'gradientRadius');
    checkMagnitude(step.sigma, 'sigma');
  });
  const total = countSteps(mechanism.steps);
  if (total > MOST_CLIPPED_STEPS) throw new PrivacyError('out-of-range', `model clipping has at most ${MOST_CLIPPED_STEPS} steps in all, not ${total}`, { field: 'steps', remedy: `Write at most ${MOST_CLIPPED_STEPS} steps, or choose gradient-clipping, which takes more.` });
}

/** Noise added to a point of a ball, `count` times in a row: C/σ of it, rounded up. */
interface Draw {
  readonly count: number;
  readonly radiusOverSigma: number;
}

function drawsOf({ initialRadius, initialSigma = 0, steps }: ModelClipping): readonly Draw[] {
  const draw = (radius: number, sigma: number, count: number): readonly Draw[] =>
    sigma === 0 ? [] : [{ count, radiusOverSigma: roundUpMu(radius / sigma, 1) }];
  return [...draw(initialRadius, initialSigma, 1), ...steps.flatMap(({ modelRadius, sigma, count = 1 }) => draw(modelRadius, sigma, count))];
}

function centreMu(draws: readonly Draw[]): number {
  return draws.reduce((least, { radiusOverSigma }) => Math.min(least, radiusOverSigma), Infinity);
}

function retrainedLogDelta(draws: readonly Draw[], epsilon: number): number {
  return contract(draws, epsilon, () => 0);
}

function centreLogDelta(draws: readonly Draw[], epsilon: number): number {
  return contract(draws, epsilon, (radiusOverSigma) => logDelta(epsilon, radiusOverSigma));
}

/** ln δ after all draws. `restart` gives a ln δ that holds after a draw whatever came before it; 0 where there is none. */
function contract(draws: readonly Draw[], epsilon: number, restart: (radiusOverSigma: number) => number): number {
  const logGrowth = logExpm1(epsilon);
  let logDeltaNow = 0;
  for (const { count, radiusOverSigma } of draws) {
    const fresh = restart(radiusOverSigma);
    for (let repeat = count; repeat > 0; repeat -= 1) {
      const next = Math.min(fresh, logDeltaNow + logDelta(softplus(logGrowth - logDeltaNow), 2 * radiusOverSigma));
      if (next < SMALLEST_LOG_DELTA) return SMALLEST_LOG_DELTA;
      if (next === logDeltaNow) break;
      logDeltaNow = next;
    }
  }
  return logDeltaNow;
}

/** ln(e^x − 1) for x ≥ 0. */
function logExpm1(x: number): number {
  return x > 30 ? x + Math.log1p(-Math.exp(-x)) : Math.log(expm1(x));
}

/** ln(1 + e^x). */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** The accounting of gradient clipping, from the initial model or from any later step, whose result lies in the ball whatever came before. ∞ where a gradient is not clipped. */
function clippedGradientMu({ initialRadius, initialSigma = 0, steps }: ModelClipping, reference: Reference): number {
  const clipped = steps.flatMap((step) => (step.gradientRadius === undefined ? [] : [{ ...step, gradientRadius: step.gradientRadius }]));
  if (clipped.length < steps.length) return Infinity;
  const noise = (sigma: number): GradientClippingStep => ({ learningRate: 0, decay: 0, gradientRadius: 0, sigma });
  let least = bestPrefix({ initialRadius, steps: [noise(initialSigma), ...clipped] }, reference).mu;
  const stride = Math.ceil(clipped.length / MOST_STARTS);
  for (const [start, first] of clipped.entries()) {
    if (start % stride !== 0) continue;
    const rest = [noise(first.sigma), { ...first, count: (first.count ?? 1) - 1 }, ...clipped.slice(start + 1)];
    least = Math.min(least, bestPrefix({ initialRadius: first.modelRadius, steps: rest }, reference).mu);
  }
  return least;
}
