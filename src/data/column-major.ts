import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { UserError } from '../error';
import type { ByteSource } from './byte-source';
import type { Header } from './element-stream';
import { decodeElements, elementCount, elementSize, toRowMajor } from './numeric-array';
import type { NumericValues } from './numeric-array';
import type { Where } from './source-file';
import { unpack } from './temporary-file';

/** Records are scattered all over such a file: the larger a block, the fewer times it is read across. */
const blockBytes = 1 << 26;

function fill(descriptor: number, target: Uint8Array, position: number, where: Where): void {
  for (let filled = 0; filled < target.length;) {
    const count = readSync(descriptor, target, filled, target.length - filled, position + filled);
    if (count === 0) throw new UserError('file-truncated', 'has become shorter while it was read.', { ...where, remedy: 'Copy or download the file again: its end is missing.' });
    filled += count;
  }
}

/** The elements of an array in Fortran order (the first dimension runs fastest), in row-major order, some records at a time. */
async function* recordsOf(descriptor: number, { shape, type, littleEndian, start }: Header, where: Where): AsyncGenerator<NumericValues> {
  const [records = 0] = shape;
  const width = elementCount(shape.slice(1));
  const size = elementSize(type);
  const rows = Math.max(1, Math.min(records, Math.floor(blockBytes / Math.max(1, width * size))));
  for (let first = 0; first < records; first += rows) {
    const count = Math.min(rows, records - first);
    const bytes = new Uint8Array(count * width * size);
    for (let feature = 0; feature < width; feature++) fill(descriptor, bytes.subarray(feature * count * size, (feature + 1) * count * size), start + (feature * records + first) * size, where);
    yield toRowMajor(decodeElements(bytes, type, littleEndian, where), [count, ...shape.slice(1)]);
    await yieldToOthers();
  }
}

/** As `recordsOf`, of bytes that may be compressed: these are unpacked first. @throws UserError `disk-full`, `file-truncated`. */
export async function* columnMajorElements(source: ByteSource, header: Header): AsyncGenerator<NumericValues> {
  const { place } = source;
  const { descriptor, size } = place === undefined ? await unpack(source) : { descriptor: openSync(place.path, 'r'), size: source.size ?? 0 };
  try {
    const expected = elementCount(header.shape) * elementSize(header.type);
    if (size - header.start < expected) throw new UserError('file-truncated', `the header promises ${expected} bytes of data, but there are only ${Math.max(0, size - header.start)}.`, { ...source.where, remedy: 'Copy or download the file again: its end is missing.' });
    if (size - header.start > expected) throw new UserError('file-too-long', `the header promises ${expected} bytes of data, but there are more.`, { ...source.where, remedy: 'Write the file again: something was appended to it.' });
    yield* recordsOf(descriptor, { ...header, start: header.start + (place?.start ?? 0) }, source.where);
  } finally {
    closeSync(descriptor);
  }
}
