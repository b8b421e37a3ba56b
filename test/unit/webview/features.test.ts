import { describe, expect, it } from 'vitest';
import type { ColumnSummary } from '../../../src/data/inspect-table';
import { switchedFormat } from '../../../webview/panel/data/formats';
import { allColumns, encodingsOf, expanded, featuresOf, withColumn } from '../../../webview/panel/data/features';

const column = (name: string, numeric: boolean, values?: readonly string[]): ColumnSummary => ({ name, type: numeric ? 'BIGINT' : 'VARCHAR', numeric, samples: [], statistics: { empty: 0, distinct: 5, values } });
const age = column('age', true);
const city = column('city', false, ['Bern', 'Chur']);
const level = column('level', true, ['2', '0', '1']);
const note = column('note', false);
const columns = [age, city, level, note, column('p1', true), column('p2', true), column('y', true)];

describe('the columns that are features', () => {
  it('are added where the file has them', () => {
    expect(withColumn(['age', 'p1'], columns, 'y', level, 'number')).toEqual(['age', 'level', 'p1']);
    expect(withColumn([], columns, 'y', age, 'number')).toEqual(['age']);
  });

  it('are removed, a pattern being written out for it', () => {
    expect(withColumn(['age', 'level'], columns, 'y', age, undefined)).toEqual(['level']);
    expect(withColumn(['age', 'p*'], columns, 'y', column('p1', true), undefined)).toEqual(['age', 'p2']);
  });

  it('are encoded by their values, numbers from 0 on by how many there are', () => {
    expect(withColumn(['age'], columns, 'y', city, 'one-hot')).toEqual(['age', { column: 'city', oneHot: ['Bern', 'Chur'] }]);
    expect(withColumn(['level'], columns, 'y', level, 'one-hot')).toEqual([{ column: 'level', oneHot: 3 }]);
    expect(withColumn([{ column: 'note', vocabulary: 'words.txt' }], columns, 'y', note, 'words')).toEqual([{ column: 'note', buckets: 1024 }]);
  });

  it('can be all of them, or all numbers, encodings that are there staying', () => {
    expect(allColumns([], columns, 'y', 'numeric')).toEqual(['age', 'level', 'p1', 'p2']);
    expect(allColumns([{ column: 'level', oneHot: 3 }], columns, 'y', 'all')).toEqual(['age', { column: 'city', oneHot: ['Bern', 'Chur'] }, { column: 'level', oneHot: 3 }, { column: 'note', buckets: 1024 }, 'p1', 'p2']);
  });

  it('are understood as far as they are features', () => {
    expect(featuresOf(['a', 3, { column: 'b' }, { other: 1 }, null])).toEqual(['a', { column: 'b' }]);
    expect(featuresOf('a')).toEqual([]);
    expect(expanded(['p*', 'age'], columns, 'p2')).toEqual(['p1', 'age']);
  });

  it('have the encodings that fit what they hold', () => {
    expect([age, city, level, note].map((one) => encodingsOf(one)[0])).toEqual(['number', 'one-hot', 'number', 'words']);
  });
});

describe('choosing another format', () => {
  it('keeps columns within tables', () => {
    expect(switchedFormat({ format: 'csv', path: 'a.csv', label: 'y', features: ['x'] }, 'tsv')).toEqual({ format: 'tsv', path: 'a.csv', label: 'y', features: ['x'] });
  });

  it('keeps the file and what both kinds know', () => {
    expect(switchedFormat({ format: 'csv', path: 'a', label: 'y', features: ['x'], classes: [1, 2] }, 'npy')).toEqual({ format: 'npy', features: 'a', classes: [1, 2] });
    expect(switchedFormat({ format: 'npz', features: 'a', featuresKey: 'x', scale: { divide: 255 } }, 'images')).toEqual({ format: 'images', path: 'a', scale: { divide: 255 } });
    expect(switchedFormat(undefined, 'csv')).toEqual({ format: 'csv', path: undefined });
  });
});
