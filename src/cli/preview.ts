import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../error';
import type { RequestPreview } from '../run/preview-request';
import { parse, type Command } from './command';
import type { Terminal } from './terminal';

export const previewCommand: Command = {
  name: 'preview',
  usage: 'preview REQUEST [--rows COUNT] [--decisions FILE]',
  summary: 'whom a request would forget: how many, the first of them, what is left of each class',
  about: 'Opens the data of a request and selects the records to forget. Needs no model and changes nothing. Shows personal data.\n--rows COUNT      how many records to show; 10 unless given\n--decisions FILE  writes the copies and near duplicates of what would be forgotten as a list to fill in, for "decisions" of the request',
  readsData: () => true,
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { rows: { type: 'string' }, decisions: { type: 'string' } }, ['REQUEST']);
    const rows = Number(values.rows ?? '10');
    if (!Number.isInteger(rows) || rows < 0) throw new UserError('bad-arguments', '--rows takes a number of records', { remedy: 'For example: --rows 20.' });
    const { previewRequest } = await import('../run/preview-request');
    const preview = await previewRequest(resolve(operands.REQUEST), rows);
    if (values.decisions !== undefined) await writeDecisions(resolve(values.decisions), preview);
    if (values.json === true) terminal.json(preview);
    else printPreview(preview, terminal);
    if (values.decisions !== undefined && values.json !== true) terminal.line(`\n${preview.groups.length} groups to decide: ${values.decisions}`);
    return 0;
  },
};

/** Never over what someone has filled in. */
async function writeDecisions(file: string, { groups }: RequestPreview): Promise<void> {
  const lines = groups.map((group) => `  ${JSON.stringify(group)}`);
  await writeFile(file, lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    throw new UserError('output-unwritable', `the list of decisions cannot be written (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Name a new file in a folder that you may write to; an existing list is never written over.' });
  });
}

const longestCell = 40;
/** More are in the file of --decisions. */
const mostGroups = 20;

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
  if (preview.nearDuplicates !== undefined) terminal.line(`near     ${preview.nearDuplicates === 0 ? 'none' : count(preview.nearDuplicates)} among those that are left ${preview.nearDuplicates === 1 ? 'resembles' : 'resemble'} one of them without being equal to it`);
  if (preview.copiesInEvaluation !== undefined && preview.copiesInEvaluation > 0) terminal.line(`         ${count(preview.copiesInEvaluation)} evaluation records are exactly equal to one of them and would be left out`);
  for (const { reference, records } of preview.requests) terminal.line(`request  ${reference}: ${count(records)} records`);
  if (preview.unmatchedIds.length > 0) terminal.line(`unknown  ${preview.unmatchedIds.length} ids that no record has`);
  if (preview.groups.length > 0) {
    terminal.line('');
    const shown = preview.groups.slice(0, mostGroups);
    printTable(['like record', 'found as', 'records', 'which', 'decision'], shown.map(({ group, kind, records, decision }) => [String(group), kind, count(records.length), records.slice(0, 5).join(' ') + (records.length > 5 ? ' …' : ''), decision ?? 'undecided: the run would be refused']), terminal);
    if (preview.groups.length > mostGroups) terminal.line(`  and ${count(preview.groups.length - mostGroups)} groups more`);
  }
  if (preview.balance.length > 0) {
    terminal.line('');
    printTable(['class', 'forget', 'left'], preview.balance.map(({ label, forgotten, kept }) => [String(label), count(forgotten), count(kept)]), terminal);
  }
  if (preview.rows.length > 0) {
    terminal.line('');
    printTable(preview.columns, preview.rows, terminal);
  }
}
