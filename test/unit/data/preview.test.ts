import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inspectTable } from '../../../src/data/inspect-table';
import { openDataset } from '../../../src/data/open-dataset';
import { previewSelection } from '../../../src/data/preview';
import type { SourceSpec } from '../../../src/data/source-spec';
import { idx, runSql, useFolder, userError } from './sources';

const folder = useFolder();

beforeAll(async () => {
  await folder.file('t.csv', 'x,y,person\n1,0,ann\n2,2,bob\n3,0,\n4,2,ann\n');
  await folder.file('x.idx', idx(8, [4, 1], [1, 2, 3, 4]));
  await folder.file('y.idx', idx(8, [4], [0, 2, 0, 2]));
});

describe('the preview of a selection', () => {
  const arrays: SourceSpec = { format: 'idx', features: 'x.idx', labels: 'y.idx' };

  test('counts what goes and stays, by class, and shows the first records', async () => {
    const source: SourceSpec = { format: 'csv', path: 't.csv', label: 'y', features: ['x'] };
    const dataset = await openDataset(source, { base: folder.path });
    expect(await previewSelection(source, dataset, Uint32Array.of(1, 2, 3), { base: folder.path, rows: 2 })).toEqual({
      forgotten: 3,
      kept: 1,
      balance: [{ label: 0, forgotten: 1, kept: 1 }, { label: 2, forgotten: 2, kept: 0 }],
      columns: ['record', 'x', 'y', 'person'],
      rows: [['1', '2', '2', 'bob'], ['2', '3', '0', '']],
    });
  });

  test('of arrays shows labels, or the table beside them', async () => {
    const dataset = await openDataset(arrays, { base: folder.path });
    expect(await previewSelection(arrays, dataset, Uint32Array.of(3), { base: folder.path })).toMatchObject({ columns: ['record', 'label'], rows: [['3', '2']] });
    expect(await previewSelection({ ...arrays, records: 't.csv' }, dataset, Uint32Array.of(3), { base: folder.path })).toMatchObject({ rows: [['3', '4', '2', 'ann']] });
  });

  test('of values has no classes, and of nothing no rows', async () => {
    const dataset = await openDataset({ ...arrays, labelKind: 'value' }, { base: folder.path });
    expect(await previewSelection(arrays, dataset, new Uint32Array(), { base: folder.path })).toEqual({ forgotten: 0, kept: 4, balance: [], columns: [], rows: [] });
  });
});

describe('the inspection of a table', () => {
  test('gives columns, types, samples and the number of rows', async () => {
    expect(await inspectTable('t.csv', { base: folder.path })).toEqual({
      format: 'csv',
      rows: 4,
      columns: [
        { name: 'x', type: 'BIGINT', numeric: true, samples: ['1', '2', '3', '4'] },
        { name: 'y', type: 'BIGINT', numeric: true, samples: ['0', '2', '0', '2'] },
        { name: 'person', type: 'VARCHAR', numeric: false, samples: ['ann', 'bob', '', 'ann'] },
      ],
    });
  });

  test('knows numeric lists, and asks for a format it cannot tell', async () => {
    await runSql(`copy (select [1.5, 2]::float[2] as a, [['x']] as b, 1::decimal(9, 2) as c from range(7)) to '${path.join(folder.path, 't.parquet')}'`);
    const { rows, columns } = await inspectTable('t.parquet', { base: folder.path });
    expect(rows).toBe(7);
    expect(columns.map(({ type, numeric, samples }) => [type, numeric, samples.length])).toEqual([['FLOAT[]', true, 5], ['VARCHAR[][]', false, 5], ['DECIMAL(9,2)', true, 5]]);
    expect((await userError(inspectTable('x.idx', { base: folder.path }), 'table-format')).file).toBe('x.idx');
  });
});

test('a scaling cannot be both given and computed', async () => {
  const error = await userError(openDataset({ format: 'csv', path: 't.csv', label: 'y', features: ['x'], scale: { divide: 2 }, standardize: true }, { base: folder.path }), 'scale-conflict');
  expect(error.field).toBe('data.standardize');
});
