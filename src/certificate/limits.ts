import type { Mechanism } from '../privacy/mechanism';
import type { Predicate } from './statement';
import { isExact } from './treatment';

/** Where the trained parameters were used, with noise. */
const bounded = 'The bound is not zero: something about the forgotten records may still show in the released model, at most as much as ε and δ allow.';
/** Where they were not. */
const exact = 'The bound is zero because the run never used the trained parameters. It does not cover what people learned from them: an architecture or a learning rate that was chosen by how the original model did.';

/** What no certificate of this kind guarantees, in sentences for people who do not know the theory. */
const always: readonly string[] = [
  'It speaks of the released files alone. The original model, copies, backups and earlier releases still hold what they held until their owner deletes them.',
  'Releasing several models made from the same original adds up, and so does releasing the one of several runs that turned out best; the bound is for one run alone.',
  'What the forgotten records have in common with the retained ones is still learned, since it can be learned without them.',
  'How many records were forgotten is disclosed by this certificate.',
  'That the run happened as described is the word of the signer; the arithmetic of the schedule can be checked by anyone.',
  'The accounting is for real numbers and true Gaussian noise. The run used 32-bit floating point, with margins for its rounding; what the last bits of a number could tell is not accounted for.',
];

/** The usual limits, with the counted ones where they apply. */
export function limitsOf(mechanism: Pick<Mechanism, 'method'>, { duplicatesInRetain: { keptCount } }: Pick<Predicate['data'], 'duplicatesInRetain'>): string[] {
  const [first = '', ...others] = always;
  const limits = [first, isExact(mechanism) ? exact : bounded, ...others];
  if (keptCount === 0) return limits;
  return [...limits, `${keptCount} retained ${keptCount === 1 ? 'record is' : 'records are'} an exact copy of a forgotten one and was kept by choice: for these the guarantee means nothing. Their number is disclosed too.`];
}
