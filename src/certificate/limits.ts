import type { Predicate } from './statement';

/** What no certificate of this kind guarantees, in sentences for people who do not know the theory. */
const always: readonly string[] = [
  'It speaks of the released files alone. The original model, copies, backups and earlier releases still hold what they held until their owner deletes them.',
  'The bound is not zero: something about the forgotten records may still show in the released model, at most as much as ε and δ allow.',
  'Releasing several models made from the same original adds up; the bound is for this one alone.',
  'What the forgotten records have in common with the retained ones is still learned, since it can be learned without them.',
  'How many records were forgotten is disclosed by this certificate.',
  'That the run happened as described is the word of the signer; the arithmetic of the schedule can be checked by anyone.',
  'The accounting is for real numbers. The run used 32-bit floating point, with margins for its rounding.',
];

/** The usual limits, with the counted ones where they apply. */
export function limitsOf({ duplicatesInRetain: { keptCount } }: Pick<Predicate['data'], 'duplicatesInRetain'>): string[] {
  if (keptCount === 0) return [...always];
  return [...always, `${keptCount} retained ${keptCount === 1 ? 'record is' : 'records are'} an exact copy of a forgotten one and was kept by choice: for these the guarantee means nothing. Their number is disclosed too.`];
}
