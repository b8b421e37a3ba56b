import { UserError } from '../error';

/** First and last record of an entry of `rows`: 7, "7" or "100-199". */
function bounds(entry: number | string): readonly [number, number] | undefined {
  if (typeof entry === 'number') return [entry, entry];
  const parts = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(entry);
  if (parts === null) return undefined;
  const first = Number(parts[1]);
  return [first, parts[2] === undefined ? first : Number(parts[2])];
}

/**
 * Record numbers of a list of numbers and inclusive ranges.
 * @throws UserError `row-invalid`, `row-out-of-range`.
 */
export function expandRows(rows: readonly (number | string)[], count: number, field: string): number[] {
  const records: number[] = [];
  rows.forEach((entry, index) => {
    const where = { field: `${field}[${index}]` };
    const [first, last] = bounds(entry) ?? [NaN, NaN];
    if (!Number.isInteger(first) || !Number.isInteger(last) || first < 0 || last < first) {
      throw new UserError('row-invalid', `${JSON.stringify(entry)} is neither a record number nor a range such as "100-199".`, { ...where, remedy: 'Write whole numbers from 0 on, and ranges in quotes.' });
    }
    if (last >= count) throw new UserError('row-out-of-range', `there is no record ${last}: the ${count} records are numbered 0 to ${count - 1}.`, { ...where, remedy: `Write numbers up to ${count - 1}; the first record is 0, not 1.` });
    for (let record = first; record <= last; record++) records.push(record);
  });
  return records;
}
