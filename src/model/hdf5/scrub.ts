import { createHash } from 'node:crypto';
import * as hdf5 from 'h5wasm';
import { readDataset, valueOf, withHdf5 } from './container';
import { chunksOf, type ByteRange } from './chunks';

/**
 * A compressed piece moves when it grows, and what it held before stays readable where it was.
 * Overwrites with zeros every byte that was in a piece of the given datasets and is in no piece of any dataset now.
 * @param before the file as it was; `after` is changed in place
 * @throws RangeError where the pieces cannot be found
 */
export function eraseMoved(before: Uint8Array, after: Uint8Array, datasets: readonly string[]): void {
  const old = chunksOf(before);
  const used = [...chunksOf(after).values()].flat().sort((a, b) => a.start - b.start);
  for (const path of datasets) {
    const pieces = old.get(path);
    if (pieces === undefined) throw new RangeError(`the pieces of ${path} were not found`);
    for (const piece of pieces) for (const free of without(piece, used)) after.fill(0, free.start, free.end);
  }
}

/** The parts of a range that are in none of the others, which are in order and do not overlap. */
function without(range: ByteRange, others: readonly ByteRange[]): readonly ByteRange[] {
  const parts: ByteRange[] = [];
  let { start } = range;
  for (const other of others) {
    if (other.end <= start || other.start >= range.end) continue;
    if (other.start > start) parts.push({ start, end: other.start });
    start = other.end;
  }
  return start < range.end ? [...parts, { start, end: range.end }] : parts;
}

/** A digest of every group and dataset by its path: attributes, type, shape, filters and numbers. */
export async function digestsOf(bytes: Uint8Array, file: string): Promise<ReadonlyMap<string, string>> {
  const { result } = await withHdf5(bytes, file, 'r', (root) => new Map(['/', ...root.paths()].map((path) => {
    const entity = root.get(path);
    const hash = createHash('sha256');
    if (entity instanceof hdf5.Group || entity instanceof hdf5.Dataset) {
      hash.update(JSON.stringify(Object.entries(entity.attrs).map(([name, attribute]) => [name, attribute.metadata, valueOf(attribute)]), (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)));
    }
    if (entity instanceof hdf5.Dataset) hash.update(JSON.stringify([entity.metadata, entity.filters])).update(readDataset(entity));
    return [path.replace(/^\//, ''), hash.digest('hex')] as const;
  })));
  return result;
}
