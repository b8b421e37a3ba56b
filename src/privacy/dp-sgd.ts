import expm1 from '@stdlib/math-base-special-expm1';
import { checkCount, checkMagnitude } from './checks';
import type { DpSgdGroup, Reference } from './mechanism';
import { PrivacyError } from './privacy-error';
import { curveProfile, gaussianProfile, roundUpMu, type PrivacyProfile } from './profile';

/**
 * Group privacy for a model whose training was private for each record. The original model is compared with one trained without the whole forget set, so only
 * the `retrained` reference exists; throws `reference-unavailable` for `centre`.
 */
export function accountDpSgd({ perRecord, groupSize }: DpSgdGroup, reference: Reference): PrivacyProfile {
  checkCount(groupSize, 'groupSize', 1, 1e9);
  if (reference === 'centre') {
    throw new PrivacyError('reference-unavailable', 'group privacy compares with a model trained without the forgotten records, not with the clipping centre', { field: 'reference', remedy: 'Choose the reference "retrained".' });
  }
  if ('mu' in perRecord) {
    checkMagnitude(perRecord.mu, 'perRecord.mu');
    // Dong, Roth, Su 2022, Theorem 2.14 and its corollary: μ₀-GDP for one record is kμ₀-GDP for k.
    return gaussianProfile(roundUpMu(groupSize * perRecord.mu, 1));
  }
  const { epsilon, delta } = perRecord;
  if (!(epsilon >= 0 && epsilon <= 700)) throw new PrivacyError('out-of-range', `epsilon must be between 0 and 700, not ${epsilon}`, { field: 'perRecord.epsilon', remedy: 'Write the ε of one record that training stated.' });
  if (!(delta >= 0 && delta < 1)) throw new PrivacyError('out-of-range', `delta must be at least 0 and less than 1, not ${delta}`, { field: 'perRecord.delta', remedy: 'Write the δ of one record that training stated, such as 1e-8.' });
  return curveProfile((at) => Math.log(groupDelta(epsilon, delta, groupSize, at)));
}

/**
 * δ of k records at ε when one record is (ε₀, δ₀)-DP, exactly. The trade-off function of the group is 1 − g^∘k (Dong, Roth, Su 2022, Theorem 2.14), where
 * g(α) = δ₀ + e^ε₀ α up to α* = (1 − δ₀)/(1 + e^ε₀), and 1 − e^−ε₀(1 − δ₀ − α), at most 1, after it. δ(ε) is the largest g^∘k(α) − e^ε α: at α = 0, or at
 * the corner of g^∘k that m steps carry to α*, with slope e^{(2m + 2 − k)ε₀} before it and e^{(2m − k)ε₀} after it.
 * At ε = kε₀ this is the familiar δ₀(e^{kε₀} − 1)/(e^ε₀ − 1).
 */
function groupDelta(epsilon0: number, delta0: number, k: number, epsilon: number): number {
  const corner = (1 - delta0) / (1 + Math.exp(epsilon0));
  /** δ₀(1 + e^ε₀ + … + e^{(j−1)ε₀}): what j steps of the first branch make of 0. */
  const grown = (j: number): number => (delta0 === 0 ? 0 : delta0 * (epsilon0 === 0 ? j : expm1(j * epsilon0) / expm1(epsilon0)));
  /** What j steps of the second branch make of 1 − rest. */
  const approached = (rest: number, j: number): number => {
    const left = rest - grown(j);
    // Asked first: what has grown may be ∞ where e^{−jε₀} is 0, and their product is no number.
    return left > 0 ? 1 - Math.exp(-j * epsilon0) * left : 1;
  };
  const stepsToCorner = delta0 === 0 ? Infinity : Math.ceil(epsilon0 === 0 ? corner / delta0 : Math.log1p((corner * expm1(epsilon0)) / delta0) / epsilon0);
  const atZero = k <= stepsToCorner ? grown(k) : approached(1 - grown(stepsToCorner), k - stepsToCorner);
  let largest = atZero;
  if (epsilon0 > 0) {
    const middle = Math.floor((epsilon / epsilon0 + k) / 2);
    for (const m of [middle - 1, middle, middle + 1]) {
      if (m < 0 || m >= k) continue;
      const start = corner - grown(m);
      // 1e-15 for the cancellation of two numbers below 1.
      if (start > 0) largest = Math.max(largest, approached(1 - corner, k - m) - Math.exp(epsilon - m * epsilon0) * start + 1e-15);
    }
  }
  // At most 3e-14 of it is rounding, most of that in taking its logarithm and back.
  return Math.min(1, largest * (1 + 1e-12));
}
