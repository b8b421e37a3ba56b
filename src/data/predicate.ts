import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../error';
import type { Where } from './source-file';
import type { Table } from './table';

type Json = null | boolean | number | string | Json[] | JsonObject;
interface JsonObject { [key: string]: Json }

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The selection a predicate is put into. Line breaks keep a comment at its end from swallowing the bracket. */
function selection(table: Table, predicate: string): string {
  return `select ${table.numberColumn} from records where (\n${predicate}\n)`;
}

/** The same without brackets, which a predicate could close and open again. */
function bareSelection(table: Table, predicate: string): string {
  return `select ${table.numberColumn} from records where\n${predicate}\n`;
}

async function syntaxTree(table: Table, sql: string, where: Where): Promise<Json> {
  const [row] = await table.ask('select json_serialize_sql(?::varchar)', [sql]);
  const tree = JSON.parse(String(row?.[0])) as Json;
  if (!isObject(tree) || tree['error'] !== false) {
    const message = isObject(tree) && typeof tree['error_message'] === 'string' ? tree['error_message'] : 'it cannot be parsed';
    throw new UserError('predicate-syntax', `is not a SQL condition: ${message}`, { ...where, remedy: 'Write what could follow WHERE, such as "contributor = 17"; names that are words of SQL go in double quotes.' });
  }
  return tree;
}

/** Where the text stood does not matter. */
function withoutPositions(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutPositions);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'query_location').map(([key, inner]) => [key, withoutPositions(inner)]));
}

function takeCondition(tree: Json): { readonly condition: Json; readonly rest: Json } {
  const statements = isObject(tree) ? tree['statements'] : undefined;
  const statement = Array.isArray(statements) && statements.length === 1 ? statements[0] : undefined;
  const node = isObject(statement) ? statement['node'] : undefined;
  if (!isObject(node)) return { condition: null, rest: tree };
  return { condition: node['where_clause'] ?? null, rest: withoutPositions({ ...node, where_clause: null }) };
}

const refusals = {
  table: 'may look at nothing but the columns of this table (and at the table itself, as "records", in a subquery)',
  function: (name: string) => `may not call ${name}(): its result differs from run to run, or it does more than compute`,
  clock: (name: string) => `may not use ${name}: its result differs from run to run`,
  ownFunction: (name: string) => `may not call ${name}() of a schema: what a database file brings with it is not run`,
  sample: 'may not sample at random',
};

/** What a table reference of the syntax tree may be. */
function checkTable(reference: Json | undefined, refuse: (why: string) => never): void {
  if (!isObject(reference)) return;
  switch (reference['type']) {
    case 'BASE_TABLE':
      if (JSON.stringify(reference['table_name']).toLowerCase() !== '"records"' || reference['schema_name'] !== '' || reference['catalog_name'] !== '') refuse(refusals.table);
      break;
    case 'JOIN':
      checkTable(reference['left'], refuse);
      checkTable(reference['right'], refuse);
      break;
    case 'SUBQUERY': // walked like every other part of the tree
    case 'EXPRESSION_LIST':
    case 'EMPTY':
      break;
    default:
      refuse(refusals.table);
  }
}

/** Functions that tell the time or the session, besides those that DuckDB calls so; its own macros say nothing about themselves. */
const ofTheMoment = ['ago', 'current_date', 'current_localtime', 'current_localtimestamp', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp',
  'current_user', 'current_role', 'current_catalog', 'current_schema', 'session_user', 'user', 'current_setting', 'getvariable', 'version', 'pg_sleep', 'get_block_size',
  'reservoir_quantile', 'approx_quantile', 'approx_top_k']; // samples and sketches, which depend on chance or on the order of threads

interface Refusals {
  /** Lower-case names of functions that may not be called. */
  readonly impure: ReadonlySet<string>;
  /** Lower-case names of the table's columns, any of which may have the name of a function. */
  readonly columns: ReadonlySet<string>;
  readonly refuse: (why: string) => never;
}

function checkFunction(node: JsonObject, { impure, refuse }: Refusals): void {
  const name = node['function_name'];
  if (typeof name !== 'string') return;
  if (impure.has(name.toLowerCase())) refuse(refusals.function(name));
  if (name.toLowerCase() === 'age' && Array.isArray(node['children']) && node['children'].length === 1) refuse(refusals.clock('age() of one date'));
  if (node['is_operator'] !== true && (![undefined, '', 'main', 'pg_catalog'].includes(node['schema'] as string | undefined) || ![undefined, '', 'system'].includes(node['catalog'] as string | undefined))) refuse(refusals.ownFunction(name));
}

/** A name without brackets may be that of a function: `current_date`. */
function checkName({ class: kind, column_names: names }: JsonObject, { impure, columns, refuse }: Refusals): void {
  if (kind !== 'COLUMN_REF' || !Array.isArray(names) || names.length !== 1) return;
  const [given] = names;
  const name = typeof given === 'string' ? given.toLowerCase() : '';
  if (impure.has(name) && !columns.has(name)) refuse(refusals.clock(name));
}

function checkTree(value: Json, refusing: Refusals): void {
  if (Array.isArray(value)) {
    for (const inner of value) checkTree(inner, refusing);
  } else if (isObject(value)) {
    if ('from_table' in value) checkTable(value['from_table'], refusing.refuse);
    if (isObject(value['sample'])) refusing.refuse(refusals.sample);
    checkFunction(value, refusing);
    checkName(value, refusing);
    for (const inner of Object.values(value)) checkTree(inner, refusing);
  }
}

/**
 * Refuses a predicate that is anything else than one condition on this table, before any of it runs: the syntax tree of the whole
 * statement must be that of `… where (true)` but for the condition, and the condition may name no other table, file or impure function.
 */
async function checkPredicate(table: Table, predicate: string, where: Where): Promise<void> {
  const given = takeCondition(await syntaxTree(table, selection(table, predicate), where));
  const plain = takeCondition(await syntaxTree(table, selection(table, 'true'), where));
  const refuse = (why: string): never => {
    throw new UserError('predicate-refused', `the condition ${why}.`, { ...where, remedy: 'Write one condition on the columns of the table, such as "contributor = 17 and year < 2020".' });
  };
  if (given.condition === null || !isDeepStrictEqual(given.rest, plain.rest)) refuse('must be one condition and nothing else');
  const bare = takeCondition(await syntaxTree(table, bareSelection(table, predicate), where));
  if (!isDeepStrictEqual(withoutPositions(given.condition), withoutPositions(bare.condition))) refuse('must be one condition and nothing else');
  const impure = await table.ask("select distinct function_name from duckdb_functions() where stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')");
  checkTree(given.condition, {
    impure: new Set([...ofTheMoment, ...impure.map(([name]) => String(name).toLowerCase())]),
    columns: new Set(table.columns.map(({ name }) => name.toLowerCase())),
    refuse,
  });
}

/**
 * Numbers of the records for which a SQL condition is true; where it is NULL (an unknown value compared with anything), it is not.
 * @throws UserError `predicate-syntax`, `predicate-refused`, `predicate-failed`, `query-time`, `query-memory`.
 */
export async function matchPredicate(table: Table, predicate: string, where: Where): Promise<number[]> {
  await checkPredicate(table, predicate, where);
  const matches: number[] = [];
  try {
    for await (const chunk of table.chunks(selection(table, predicate), { timeLimit: table.timeLimit })) chunk.visitColumnValues(0, (value) => matches.push(Number(value)));
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const failed = cause.code === 'table-unreadable';
    const remedy = failed ? 'Compare columns with values of their own type: \'text\', 17, date \'2020-01-31\'; names with other than letters, digits and _ go in double quotes.' : cause.remedy;
    throw new UserError(failed ? 'predicate-failed' : cause.code, `${cause.message}${cause.message.includes('not found') ? ` ${table.listColumns()}` : ''}`, { ...where, remedy, cause });
  }
  return matches;
}
