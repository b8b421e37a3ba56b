import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openDataset } from '../../../src/data/open-dataset';
import type { TableSource } from '../../../src/data/source-spec';
import { useFolder, userError } from './sources';

/** Where a file stops being a table. */

const folder = useFolder();
const open = (path: string, format: TableSource['format'] = 'csv'): Promise<unknown> => openDataset({ format, path, label: 'y', features: ['a'] }, { base: folder.path });

test.each([
  ['a field missing', 'a,y\n1,0\n2\n3,1\n', 'line 3 has 1 field, the header has 2'],
  ['a field too many', 'a,y\n1,0\n2,1,9\n', 'line 3 has 3 fields, the header has 2'],
  ['a line before the header', 'exported today\na,y\n1,0\n', 'line 2 has 2 fields, the header has 1'],
  ['a quote that is never closed', 'a,y\n1,0\n"2,1\n', 'the quote that begins in line 3 is never closed'],
  ['something behind a closing quote', 'a,y\n"1"x,0\n2,1\n', 'line 2 goes on behind a closing quote'],
  ['line ends of two kinds', 'a,y\r\n1,0\n2,1\r\n', 'line 2 ends in LF, those before it in CRLF'],
  ['lines in quotes before it', 'a,y\n"1\n2",0\n3\n', 'line 4 has 1 field, the header has 2'],
])('%s: the line is named', async (_, text, fault) => {
  const file = await folder.file('odd.csv', text);
  expect(await userError(open(file), 'table-damaged')).toMatchObject({ file: 'odd.csv', message: `is not a well-formed table: ${fault}.` });
});

test('of several files the one at fault is named', async () => {
  await folder.file('part-1.csv', 'a,y\n1,0\n');
  await folder.file('part-2.csv', 'a,y\n1\n2,0\n');
  expect((await userError(open('part-?.csv'), 'table-damaged')).file).toBe('part-2.csv');
});

test('of a compressed file only that it is damaged', async () => {
  const file = await folder.file('odd.csv.gz', gzipSync('a,y\n1,0\n2\n3,1\n'));
  expect((await userError(open(file), 'table-damaged')).message).toBe('is not a well-formed table: every line must have as many fields as the header.');
});

test.each(['utf-16le', 'utf-16be'] as const)('%s without a byte order mark is called what it is', async (encoding) => {
  const bytes = Buffer.from('a,y\n1,0\n2,1\n', 'utf16le');
  const file = await folder.file('utf16.csv', encoding === 'utf-16le' ? bytes : bytes.swap16());
  expect((await userError(open(file), 'table-encoding')).message).toBe('is not UTF-8 text.');
});

test('JSON Lines with a byte order mark, a line that is no object, a key twice', async () => {
  const line = '{"a":1,"y":0}\n';
  await folder.file('bom.jsonl', `\ufeff${line}`);
  expect((await userError(open('bom.jsonl', 'jsonl'), 'table-encoding')).remedy).toBe('Save it as UTF-8 without BOM.');
  await folder.file('list.jsonl', `${line}[1,2]\n`);
  await folder.file('twice.jsonl', `${line}{"a":1,"a":5,"y":0}\n`);
  for (const file of ['list.jsonl', 'twice.jsonl']) expect((await userError(open(file, 'jsonl'), 'table-damaged')).message).toBe('has a line that is not one JSON object with a value for each key.');
});
