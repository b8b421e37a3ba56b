import { UserError } from '../error';
import type { Where } from './source-file';

/**
 * The one table of a database that is meant: by name, or the only one.
 * @throws UserError `table-missing`, listing those there are.
 */
export function chooseTable<Table>(tables: readonly Table[], nameOf: (table: Table) => string, wanted: string | undefined, where: Where, isMeant = (table: Table): boolean => nameOf(table) === wanted): Table {
  const fitting = wanted === undefined ? tables : tables.filter(isMeant);
  const [found] = fitting;
  if (found !== undefined && fitting.length === 1) return found;
  const names = tables.map(nameOf).join(', ') || '–';
  throw new UserError('table-missing', wanted === undefined ? `say which table is meant. Its tables are: ${names}.` : `has no table "${wanted}". Its tables are: ${names}.`, { ...where, field: where.field?.replace(/\.path$/, '.table'), remedy: 'Name one of them in "table".' });
}
