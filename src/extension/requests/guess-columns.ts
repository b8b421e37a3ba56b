import type { ColumnSummary } from '../../protocol/data-report';

/** What columns of labels are usually called, the surest first. */
const usualLabels = ['label', 'target', 'class', 'y', 'outcome', 'labels', 'species', 'category'];

/**
 * Which columns of a table a model learns from and which it predicts, where their names and number leave little doubt; what is doubtful is left to be chosen.
 * @param inputs Numbers that the model reads of one record; undefined where it does not read a fixed number of them.
 */
export function guessColumns(columns: readonly ColumnSummary[], inputs: number | undefined): { readonly label?: string; readonly features?: readonly string[] } {
  const label = usualLabels.map((usual) => columns.find(({ name }) => name.toLowerCase() === usual)).find((found) => found !== undefined)?.name;
  const numbers = columns.filter(({ name, numeric }) => numeric && name !== label).map(({ name }) => name);
  const certain = label !== undefined && numbers.length > 0 && numbers.length === inputs;
  return { ...(label === undefined ? {} : { label }), ...(certain ? { features: numbers } : {}) };
}
