import type { ColumnSummary } from '../../../src/protocol/data-report';

/** Something that could stand at the caret. */
export interface Suggestion {
  readonly text: string;
  readonly kind: 'column' | 'value' | 'word';
  /** Of a column its type. */
  readonly detail: string;
}

export interface Completion {
  /** What a suggestion replaces, in characters of the condition; ends at the caret. */
  readonly from: number;
  readonly suggestions: readonly Suggestion[];
}

const operators = { sql: ['=', '<>', '<', '<=', '>', '>=', 'in (', 'like', 'between', 'is null', 'is not null'] };
const beginnings = { sql: ['not', 'case', 'lower(', 'date ', 'exists ('] };
const connectives = { sql: ['and', 'or'] };
/** Words that a column must be quoted to be called by. */
const reserved = new Set(['all', 'and', 'any', 'as', 'asc', 'between', 'by', 'case', 'cast', 'check', 'column', 'create', 'default', 'desc', 'distinct', 'do', 'else', 'end', 'except', 'exists', 'false', 'for', 'from', 'group', 'having', 'in', 'into', 'is', 'like', 'limit', 'not', 'null', 'offset', 'on', 'or', 'order', 'primary', 'references', 'select', 'some', 'table', 'then', 'to', 'true', 'union', 'unique', 'user', 'using', 'when', 'where', 'window', 'with']);
const most = 12;

/** A column as SQL names it. */
export function sqlName(name: string): string {
  return /^[\p{L}_][\p{L}\d_]*$/u.test(name) && !reserved.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}

function sqlText(value: string, numeric: boolean): string {
  return numeric && value.trim() !== '' && Number.isFinite(Number(value)) ? value : `'${value.replaceAll("'", "''")}'`;
}

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign';
  readonly text: string;
  readonly start: number;
  /** A quote that is not closed before the caret. */
  readonly open: boolean;
}

const pattern = /\s*(?:("(?:[^"]|"")*("|$))|('(?:[^']|'')*('|$))|([\p{L}_][\p{L}\d_]*)|(\d[\d.]*)|(<>|<=|>=|!=|.))/gsuy;

function tokensOf(text: string): readonly Token[] {
  return Array.from(text.matchAll(pattern), (match): Token => {
    const [whole, quoted, quotedEnd, literal, literalEnd, word, number, sign = ''] = match;
    const found = quoted ?? literal ?? word ?? number ?? sign;
    return {
      kind: quoted !== undefined || word !== undefined ? 'name' : literal !== undefined ? 'text' : number !== undefined ? 'number' : 'sign',
      text: found,
      start: match.index + whole.length - found.length,
      open: (quoted !== undefined && quotedEnd === '') || (literal !== undefined && literalEnd === ''),
    };
  }).filter(({ text: found }) => found.trim() !== '');
}

function columnNamed(token: Token | undefined, columns: readonly ColumnSummary[]): ColumnSummary | undefined {
  if (token?.kind !== 'name') return undefined;
  const name = token.text.startsWith('"') ? token.text.slice(1, token.text.endsWith('"') ? -1 : undefined).replaceAll('""', '"') : token.text;
  return columns.find((column) => column.name === name) ?? columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** The column whose values could come after these tokens: behind a comparison, or in the brackets of its `in`. */
function comparedColumn(before: readonly Token[], columns: readonly ColumnSummary[]): ColumnSummary | undefined {
  const last = before.at(-1);
  if (last === undefined) return undefined;
  if (/^(=|<>|!=|<|<=|>|>=)$/.test(last.text) || /^(like|between)$/i.test(last.text)) return columnNamed(before.at(-2)?.text.toLowerCase() === 'not' ? before.at(-3) : before.at(-2), columns);
  const open = before.findLastIndex(({ text }) => text === '(');
  const inside = before.slice(open + 1);
  if (open < 1 || before[open - 1]?.text.toLowerCase() !== 'in' || !inside.every(({ kind, text }, index) => (index % 2 === 0 ? kind !== 'sign' : text === ','))) return undefined;
  return inside.length % 2 === 0 ? columnNamed(before[open - 2]?.text.toLowerCase() === 'not' ? before[open - 3] : before[open - 2], columns) : undefined;
}

/** Whether a whole comparison, a value or a closing bracket stands before: then only `and` and `or` can follow. */
function endsOperand(before: readonly Token[], columns: readonly ColumnSummary[]): 'column' | 'value' | 'nothing' {
  const last = before.at(-1);
  if (last === undefined) return 'nothing';
  if (last.kind === 'text' || last.kind === 'number' || last.text === ')' || /^(null|true|false|end)$/i.test(last.text)) return 'value';
  if (columnNamed(last, columns) === undefined) return 'nothing';
  return /^(=|<>|!=|<|<=|>|>=)$/.test(before.at(-2)?.text ?? '') ? 'value' : 'column';
}

const words = ({ sql }: { readonly sql: readonly string[] }): readonly Suggestion[] => sql.map((text) => ({ text, kind: 'word', detail: '' }));

/**
 * What could come at the caret of a SQL condition: columns, values of the column that is being compared, words of SQL.
 * @param text The condition up to the caret.
 */
export function complete(text: string, columns: readonly ColumnSummary[]): Completion {
  const tokens = tokensOf(text);
  const last = tokens.at(-1);
  // A word right before the caret is being typed; anything else stands.
  const typing = last !== undefined && (last.open || (last.kind !== 'text' && last.kind !== 'sign' && !last.text.startsWith('"') && last.start + last.text.length === text.length)) ? last : undefined;
  const before = typing === undefined ? tokens : tokens.slice(0, -1);
  const typed = typing?.text.replace(/^["']/, '').toLowerCase() ?? '';
  const from = typing?.start ?? text.length;
  const fits = ({ text: suggested }: Suggestion): boolean => {
    const plain = suggested.replace(/^["']/, '').toLowerCase();
    return plain.startsWith(typed) && suggested !== typing?.text;
  };
  const candidates = candidatesFor(before, typing, columns).filter(fits);
  // A column that has just been typed out in full is not suggested again.
  return { from, suggestions: candidates.slice(0, most) };
}

function candidatesFor(before: readonly Token[], typing: Token | undefined, columns: readonly ColumnSummary[]): readonly Suggestion[] {
  const compared = comparedColumn(before, columns);
  const values: readonly Suggestion[] = compared === undefined ? [] : [...new Set(compared.statistics?.values ?? compared.samples.filter((sample) => sample !== ''))].map((value) => ({ text: sqlText(value, compared.numeric), kind: 'value', detail: '' }));
  const names: readonly Suggestion[] = columns.map(({ name, type }) => ({ text: sqlName(name), kind: 'column', detail: type }));
  if (typing?.kind === 'text') return values;
  if (typing?.text.startsWith('"') === true) return names.map((name) => (name.text.startsWith('"') ? name : { ...name, text: `"${name.text}"` }));
  switch (endsOperand(before, columns)) {
    case 'column': return words(operators);
    case 'value': return words(connectives);
    case 'nothing': return compared === undefined ? [...names, ...words(beginnings)] : [...values, ...names];
  }
}
