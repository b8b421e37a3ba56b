import type { SourceSpec } from '../data/source-spec';
import type { RunData } from './open-data';

/**
 * What the reader of a certificate must know about this run's data besides the usual limits. All of it is a function of the retain set, of
 * the request and of counts.
 */
export function limitsOfRun({ nearDuplicates, standardization }: Pick<RunData, 'nearDuplicates' | 'standardization'>, source: SourceSpec): string[] {
  const limits: string[] = [];
  if (readsWords(source)) {
    limits.push('Texts became numbers by a vocabulary or a tokenizer from a file. It is part of the procedure and was not unlearned: that it was not made from the forgotten texts is the word of the signer.');
  }
  if (nearDuplicates !== undefined && nearDuplicates.kept > 0) {
    limits.push(`${nearDuplicates.kept} retained ${nearDuplicates.kept === 1 ? 'record resembles' : 'records resemble'} a forgotten one without being equal to it, and ${nearDuplicates.kept === 1 ? 'was' : 'were'} kept by choice. Their number is disclosed too.`);
  }
  if (standardization !== undefined) {
    limits.push('Features were standardised with the mean and standard deviation of the retained records. Constants that were computed from the original training data must not be used with this model: they remember.');
  }
  return limits;
}

function readsWords(source: SourceSpec): boolean {
  return 'path' in source && source.format !== 'images' && source.features.some((feature) => typeof feature !== 'string' && ('vocabulary' in feature || 'tokenizer' in feature));
}
