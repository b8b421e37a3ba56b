import { describe, expect, it } from 'vitest';
import { guessColumns } from '../../../src/extension/requests/guess-columns';
import type { ColumnSummary } from '../../../src/protocol/data-report';

const column = (name: string, numeric = true): ColumnSummary => ({ name, numeric, type: numeric ? 'DOUBLE' : 'VARCHAR', samples: [], statistics: undefined });
const iris = [...['sepal_length', 'sepal_width', 'petal_length', 'petal_width'].map((name) => column(name)), column('Species', false)];

describe('columns guessed from a table', () => {
  it('are the usual name of a label, and all other numbers where the model reads as many', () => {
    expect(guessColumns(iris, 4)).toEqual({ label: 'Species', features: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'] });
  });

  it('are the label alone where the number of columns is another one', () => {
    expect(guessColumns([column('id'), ...iris], 4)).toEqual({ label: 'Species' });
    expect(guessColumns(iris, undefined)).toEqual({ label: 'Species' });
  });

  it('prefer the surer name', () => {
    expect(guessColumns([column('y'), column('x'), column('label')], 2)).toEqual({ label: 'label', features: ['y', 'x'] });
  });

  it('are none where nothing is called like a label', () => {
    expect(guessColumns([column('a'), column('b')], 2)).toEqual({});
  });
});
