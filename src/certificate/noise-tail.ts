import type { Mechanism } from '../privacy/mechanism';
import { stagesOf } from '../privacy/stages';
import type { Predicate } from './statement';

/** The largest standard normal that the generator draws, in standard deviations. */
const FARTHEST = 7.45;
/** How much of a true normal lies beyond, on both sides, and its density there. */
const BEYOND = 9.4e-14;
const DENSITY = 3.6e-13;
/** Less than this share of δ is below what δ is rounded to. */
const NEGLIGIBLE = 0.01;

/**
 * What noise that ends may add to δ, where that is not negligible beside δ itself.
 *
 * Of two runs with truncated noise, densities are those of true noise where both can be, so δ grows by no more than the chance that one of N numbers
 * ends where the other run's noise does not reach. For shifts a_i (in standard deviations) that is some Σ a_i·φ(7.45), at most √N·μ·φ(7.45) by
 * Cauchy–Schwarz, since Σ a_i² ≤ μ²; and in any case no more than what was cut off, N·9.4e-14.
 */
export function limitOfTail({ guarantee, mechanism, coverage }: Pick<Predicate, 'guarantee' | 'coverage'> & { readonly mechanism: Mechanism }): string | undefined {
  if (guarantee.delta === 0) return undefined;
  const numbers = coverage.reduce((sum, { treatment, count = 0 }) => sum + (treatment === 'noised' ? count : 0), 0);
  const draws = Math.max(1, ...stagesOf(mechanism).map(({ steps }) => steps.reduce((sum, { count, sigma }) => sum + (sigma > 0 ? count : 0), 0)));
  const drawn = numbers * draws;
  const { mu = Infinity } = guarantee[guarantee.reference];
  const added = Math.min(drawn * BEYOND, Math.sqrt(drawn) * mu * DENSITY);
  if (added <= NEGLIGIBLE * guarantee.delta) return undefined;
  return `Noise that a computer draws ends somewhere, here at ${FARTHEST} standard deviations. For ${drawn.toPrecision(2)} numbers that may add about ${added.toPrecision(1)} to δ, which is stated without it.`;
}
