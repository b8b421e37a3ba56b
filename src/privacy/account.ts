import { accountLayered, accountSequential } from './blocks';
import { checkMagnitude, gapOf } from './checks';
import { accountConvexHead } from './convex-head';
import { accountDpSgd } from './dp-sgd';
import { bestPrefix, checkClippedDescent } from './gradient-clipping';
import type { GradientClipping, Mechanism, OutputPerturbation, Reference } from './mechanism';
import { accountModelClipping } from './model-clipping';
import { PrivacyError } from './privacy-error';
import { gaussianProfile, roundUpMu, type PrivacyProfile } from './profile';

export type { PrivacyProfile } from './profile';

/**
 * What a mechanism guarantees against a reference, exactly as its parameters say. Throws `unknown-method` or `unknown-reference` for what it does not know,
 * `malformed` or `out-of-range` for numbers that are not what their fields document, and `reference-unavailable` where the method has no such guarantee.
 */
export function account(mechanism: Mechanism, reference: Reference): PrivacyProfile {
  gapOf(reference);
  switch (mechanism.method) {
    case 'gradient-clipping':
      return accountGradientClipping(mechanism, reference);
    case 'layered-gradient-clipping':
      return accountLayered(mechanism, reference);
    case 'sequential-subspaces':
      return accountSequential(mechanism, reference);
    case 'model-clipping':
      return accountModelClipping(mechanism, reference);
    case 'output-perturbation':
      return accountOutputPerturbation(mechanism, reference);
    case 'gaussian-restart':
      checkMagnitude(mechanism.sigma, 'sigma');
      return gaussianProfile(0);
    case 'retrain':
      return gaussianProfile(0);
    case 'dp-sgd-group':
      return accountDpSgd(mechanism, reference);
    case 'convex-head':
      return accountConvexHead(mechanism, reference);
    default:
      throw new PrivacyError('unknown-method', `no accounting is known for the method ${JSON.stringify((mechanism as { readonly method?: unknown }).method)}`, { field: 'method', remedy: 'Write a method that docs/privacy.md lists.' });
  }
}

function accountGradientClipping(mechanism: GradientClipping, reference: Reference): PrivacyProfile {
  checkClippedDescent(mechanism);
  const { mu, step } = bestPrefix(mechanism, reference);
  return gaussianProfile(roundUpMu(mu, step));
}

/** μ = f·C0/σ: the Gaussian mechanism with sensitivity f·C0 (Dong, Roth, Su 2022, Theorem 2.7). */
function accountOutputPerturbation(mechanism: OutputPerturbation, reference: Reference): PrivacyProfile {
  checkMagnitude(mechanism.initialRadius, 'initialRadius');
  checkMagnitude(mechanism.sigma, 'sigma');
  const mu = mechanism.sigma === 0 ? Infinity : (gapOf(reference) * mechanism.initialRadius) / mechanism.sigma;
  return gaussianProfile(roundUpMu(mu, 1));
}
