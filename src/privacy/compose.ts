import { curveProfile, gaussianProfile, roundUpMu, type PrivacyProfile } from './profile';
import { findRoot } from './root';

/**
 * What several runs with independent noise guarantee together, each allowed to look at the results of the earlier ones.
 * Gaussian guarantees compose exactly, to μ² = Σ μ_j² (Dong, Roth, Su 2022, Corollary 3.3). Others compose with them by basic composition: for any parts of ε,
 * δ(Σ ε_j) ≤ Σ δ_j(ε_j) (C. Dwork, A. Roth 2014, Theorem 3.16), with the parts of ε at which all δ_j are equal.
 */
export function composed(profiles: readonly PrivacyProfile[]): PrivacyProfile {
  const gaussian = profiles.flatMap(({ mu }) => mu ?? []);
  const curves = profiles.filter(({ mu }) => mu === undefined);
  const together = gaussianProfile(roundUpMu(Math.hypot(...gaussian), gaussian.length > 1 ? gaussian.length : 0));
  const [only] = profiles;
  if (profiles.length === 1 && only !== undefined) return only;
  if (curves.length === 0) return together;
  const parts = gaussian.length === 0 ? curves : [together, ...curves];
  return curveProfile((epsilon) => Math.min(0, Math.log(parts.length) + equalLogDelta(parts, epsilon)));
}

/** Below e^−690 δ leaves the normal doubles. */
const SMALLEST_LOG_DELTA = -690;

/** ln of the δ at which all parts have it and their ε add up to at most ε; 0 if there is none. */
function equalLogDelta(parts: readonly PrivacyProfile[], epsilon: number): number {
  const excess = (logDelta: number): number => Math.min(1e9, parts.reduce((sum, part) => sum + part.epsilon(Math.exp(logDelta)), 0)) - epsilon;
  const largest = -1e-9;
  if (excess(largest) > 0) return 0;
  if (excess(SMALLEST_LOG_DELTA) <= 0) return SMALLEST_LOG_DELTA;
  let logDelta = findRoot(excess, SMALLEST_LOG_DELTA, largest);
  for (let margin = Number.EPSILON; excess(logDelta) > 0 && logDelta < largest; margin *= 2) logDelta = Math.min(largest, logDelta + margin);
  return logDelta;
}
