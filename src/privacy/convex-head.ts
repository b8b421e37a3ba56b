import { checkCount, checkDecay, checkEach, checkMagnitude, gapOf } from './checks';
import type { ConvexHead, ConvexHeadStep, Reference } from './mechanism';
import { PrivacyError } from './privacy-error';
import { gaussianProfile, roundUpMu, type PrivacyProfile } from './profile';

/** Largest eigenvalue of the loss's second derivative in the layer's outputs: ½ for softmax (of diag(p) − ppᵀ), ¼ for the logistic loss, 1 for ½(y − p)². */
const CURVATURE: Readonly<Record<ConvexHead['loss'], number>> = { 'softmax-cross-entropy': 1 / 2, 'binary-cross-entropy': 1 / 4, squared: 1 };

/**
 * A step of descent on a loss with second derivatives between λ and L = λ + curvature·A², ‖a_i‖ ≤ A, is a contraction by ρ = max(|1 − γλ|, |1 − γL|)
 * (S. Neel, A. Roth, S. Sharifi-Malvajerdi, ALT 2021). Two runs that make the same steps end at most Δ = f·C0·∏ρ_t apart, and μ = Δ/σ.
 */
export function accountConvexHead(mechanism: ConvexHead, reference: Reference): PrivacyProfile {
  checkConvexHead(mechanism);
  if (mechanism.sigma === 0) return gaussianProfile(Infinity);
  const distance = gapOf(reference) * mechanism.initialRadius;
  let logContraction = 0;
  for (const step of mechanism.steps) logContraction += (step.count ?? 1) * stepLogContraction(step, CURVATURE[mechanism.loss]);
  if (distance === 0 || logContraction === -Infinity) return gaussianProfile(0);
  const mu = Math.exp(logContraction + Math.log(distance) - Math.log(mechanism.sigma));
  // Each logarithm is within a few units of 2⁻⁵³ of itself, and so is their sum; what underflows is still not nothing.
  return gaussianProfile(Math.max(Number.MIN_VALUE, roundUpMu(mu, mechanism.steps.length + Math.abs(logContraction) + 300)));
}

/** The learning rate of the fastest contraction, γ = 2/(L + λ), at which ρ = (L − λ)/(L + λ). */
export function fastestRate({ loss, decay, inputRadius }: Pick<ConvexHead, 'loss'> & Pick<ConvexHeadStep, 'decay' | 'inputRadius'>): number {
  return 2 / (2 * decay + CURVATURE[loss] * inputRadius * inputRadius);
}

function stepLogContraction({ learningRate, decay, inputRadius }: ConvexHeadStep, curvature: number): number {
  const slow = learningRate * decay;
  const fast = learningRate * (decay + curvature * inputRadius * inputRadius);
  return Math.max(logDistanceFromOne(slow), logDistanceFromOne(fast));
}

/** ln |1 − x|. */
function logDistanceFromOne(x: number): number {
  return x < 1 ? Math.log1p(-x) : Math.log(x - 1);
}

function checkConvexHead(mechanism: ConvexHead): void {
  if (!Object.hasOwn(CURVATURE, mechanism.loss)) {
    throw new PrivacyError('malformed', `the loss must be one of ${Object.keys(CURVATURE).join(', ')}, not ${JSON.stringify(mechanism.loss)}`, { field: 'loss', remedy: 'Name one of these, or choose another method.' });
  }
  checkMagnitude(mechanism.initialRadius, 'initialRadius');
  checkMagnitude(mechanism.sigma, 'sigma');
  checkEach(mechanism.steps, 'steps', (step) => {
    checkCount(step.count ?? 1, 'count');
    checkMagnitude(step.learningRate, 'learningRate');
    checkDecay(step.learningRate, step.decay, 'decay');
    if (!(step.decay > 0)) throw new PrivacyError('out-of-range', `decay must be positive for the loss to be strongly convex, not ${step.decay}`, { field: 'decay', remedy: 'Write a decay above 0, or leave it out for one that suits the number of steps.' });
    checkMagnitude(step.inputRadius, 'inputRadius');
  });
}
