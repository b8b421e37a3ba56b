import { resolve } from 'node:path';
import { UserError } from '../error';
import { previewRequest, type RequestPreview } from '../run/preview-request';
import { parse, type Command } from './command';
import type { Terminal } from './terminal';

export const previewCommand: Command = {
  name: 'preview',
  usage: 'preview REQUEST [--rows COUNT]',
  summary: 'whom a request would forget: how many, the first of them, what is left of each class',
  about: 'Opens the data of a request and selects the records to forget. Needs no model and changes nothing. Shows personal data.\n--rows COUNT  how many records to show; 10 unless given',
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { rows: { type: 'string' } }, ['REQUEST']);
    const rows = Number(values.rows ?? '10');
    if (!Number.isInteger(rows) || rows < 0) throw new UserError('bad-arguments', '--rows takes a number of records');
    const preview = await previewRequest(resolve(operands.REQUEST), rows);
    if (values.json === true) terminal.json(preview);
    else printPreview(preview, terminal);
    return 0;
  },
};

const longestCell = 40;

/** One line, no longer than a column can be, without what a terminal would obey. */
export function shorten(cell: string): string {
  const line = cell.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '·');
  return line.length > longestCell ? `${line.slice(0, longestCell - 1)}…` : line;
}

function printTable(header: readonly string[], rows: readonly (readonly string[])[], terminal: Terminal): void {
  const lines = [header, ...rows].map((row) => row.map(shorten));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  for (const line of lines) terminal.line(`  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function printPreview(preview: RequestPreview, terminal: Terminal): void {
  const count = (value: number): string => value.toLocaleString('en');
  terminal.line(`forget   ${count(preview.forgotten)} of ${count(preview.forgotten + preview.kept)} records; ${count(preview.kept)} are left`);
  terminal.line(`copies   ${preview.copies === 0 ? 'none' : count(preview.copies)} among those that are left are exactly equal to one of them`);
  for (const { reference, records } of preview.requests) terminal.line(`request  ${reference}: ${count(records)} records`);
  if (preview.unmatchedIds.length > 0) terminal.line(`unknown  ${preview.unmatchedIds.length} ids that no record has`);
  if (preview.balance.length > 0) {
    terminal.line('');
    printTable(['class', 'forget', 'left'], preview.balance.map(({ label, forgotten, kept }) => [String(label), count(forgotten), count(kept)]), terminal);
  }
  if (preview.rows.length > 0) {
    terminal.line('');
    printTable(preview.columns, preview.rows, terminal);
  }
}
