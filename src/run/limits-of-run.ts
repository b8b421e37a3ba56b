import type { RunData } from './open-data';

/** What the reader of a certificate must know about this run's data besides the usual limits. All of it is a function of the retain set and of counts. */
export function limitsOfRun({ nearDuplicates, standardization }: Pick<RunData, 'nearDuplicates' | 'standardization'>): string[] {
  const limits: string[] = [];
  if (nearDuplicates !== undefined && nearDuplicates.kept > 0) {
    limits.push(`${nearDuplicates.kept} retained ${nearDuplicates.kept === 1 ? 'record resembles' : 'records resemble'} a forgotten one without being equal to it, and ${nearDuplicates.kept === 1 ? 'was' : 'were'} kept by choice. Their number is disclosed too.`);
  }
  if (standardization !== undefined) {
    limits.push('Features were standardised with the mean and standard deviation of the retained records. Constants that were computed from the original training data must not be used with this model: they remember.');
  }
  return limits;
}
