/** A column as `create table` declares it. */
export interface DeclaredColumn {
  readonly name: string;
  /** `integer primary key`: not stored, because it is the rowid. */
  readonly isRowid: boolean;
}

const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '[': ']' };

/** Splits at commas outside brackets and quotes. */
function splitDefinitions(body: string): string[] {
  const parts = [''];
  let depth = 0;
  let closing: string | undefined;
  for (const character of body) {
    const last = parts.length - 1;
    if (closing !== undefined) {
      if (character === closing) closing = undefined;
    } else if (character in quotes) closing = quotes[character];
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    if (character === ',' && depth === 0 && closing === undefined) parts.push('');
    else parts[last] = (parts[last] ?? '') + character;
  }
  return parts.map((part) => part.trim());
}

/** The first name of a definition, and what follows it. */
function takeName(definition: string): { readonly name: string; readonly rest: string } {
  const opening = definition.slice(0, 1);
  const closing = quotes[opening];
  if (closing === undefined) {
    const name = /^[^\s(,]+/.exec(definition)?.[0] ?? '';
    return { name, rest: definition.slice(name.length) };
  }
  let end = 1;
  while (end < definition.length && (definition[end] !== closing || definition[end + 1] === closing)) end += definition[end] === closing ? 2 : 1;
  return { name: definition.slice(1, end).replaceAll(closing + closing, closing), rest: definition.slice(end + 1) };
}

/** What SQLite itself takes unless told otherwise (SQLITE_MAX_SQL_LENGTH). */
const longestStatement = 1_000_000;

const isConstraint = /^(constraint|primary\s+key|unique|check|foreign\s+key)\b/i;

/**
 * The columns of a `create table` statement, in their order; undefined for what is not stored row by row: virtual tables, tables without
 * rowid, generated columns.
 */
export function parseCreateTable(sql: string): DeclaredColumn[] | undefined {
  if (sql.length > longestStatement) return undefined;
  const plain = sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' '); // a comment that is not closed goes on to the end
  const [open, close] = [plain.indexOf('('), plain.lastIndexOf(')')];
  if (!/^\s*create\s+table\b/i.test(plain) || open < 0 || close < open || /\bwithout\s+rowid\b/i.test(plain.slice(close))) return undefined;
  const definitions = splitDefinitions(plain.slice(open + 1, close)).filter((definition) => !isConstraint.test(definition));
  const tableKey = /(?:^|,)\s*(?:constraint\s+\S+\s+)?primary\s+key\s*\(\s*(\S+?)\s*\)/i.exec(plain.slice(open + 1, close))?.[1];
  const columns = definitions.map((definition) => ({ ...takeName(definition) }));
  if (columns.some(({ rest }) => /\bas\s*\(/i.test(rest))) return undefined;
  return columns.map(({ name, rest }) => ({
    name,
    isRowid: /^\s*integer\b/i.test(rest) && (/^\s*integer\s[^(]*\bprimary\s+key\b(?!\s+desc)/i.test(rest) || takeName(tableKey ?? '').name.toLowerCase() === name.toLowerCase()),
  }));
}
