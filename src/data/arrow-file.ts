import { CompressionType, compressionRegistry, Message, RecordBatchFileReader, RecordBatchReader } from 'apache-arrow';
import type { RecordBatch } from 'apache-arrow';
import { decompress } from 'fzstd';
import { UserError } from '../error';
import { decodeLz4Frame } from './lz4-frame';
import type { Where } from './source-file';

compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
// A copy, because what fzstd gives may begin anywhere in its buffer, and columns of large numbers must begin at a multiple of 8.
compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompress(bytes).slice() });

export function arrowDamaged(where: Where, cause?: unknown): UserError {
  return new UserError('arrow-damaged', 'is not an Arrow file or stream (Feather version 2), or a damaged or cut-off one.', { ...where, remedy: 'Write or copy the file again, or name its real format in "format".', cause });
}

function textAt(bytes: Uint8Array, begin: number, end?: number): string {
  return Buffer.from(bytes.subarray(begin, end)).toString('latin1');
}

/** The reader takes a stream that was cut off between two messages for a complete one; only its end mark tells. */
function checkStreamEnd(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; ;) {
    const continued = view.getInt32(at, true) === -1; // what precedes the length since version 0.15 of the format
    const size = view.getInt32(continued ? at + 4 : at, true);
    at += continued ? 8 : 4;
    if (size === 0 && at === bytes.length) return;
    if (size <= 0) throw new RangeError('Arrow: a message without metadata, or something after the end.');
    const { bodyLength } = Message.decode(bytes.subarray(at, at + size));
    if (bodyLength < 0) throw new RangeError('Arrow: a message of negative length.');
    at += size + bodyLength;
  }
}

/** By the file's footer, one after the other: the reader's own loop never ends where a place holds a message of another kind. */
function* batchesOfFile(reader: RecordBatchFileReader): Generator<RecordBatch> {
  for (let index = 0; index < reader.numRecordBatches; index++) {
    const batch = reader.readRecordBatch(index);
    if (batch === null) throw new RangeError('Arrow: a record batch is missing.');
    yield batch;
  }
}

/**
 * Reads the Arrow IPC file format (Feather version 2), or the stream format if it does not begin like a file; buffers may be compressed
 * with LZ4 or Zstandard. Gives at least one record batch, if need be an empty one: it tells the schema.
 * @throws UserError `arrow-damaged`, `arrow-feather-1`.
 */
export function* readRecordBatches(bytes: Uint8Array, where: Where): Generator<RecordBatch> {
  if (textAt(bytes, 0, 4) === 'FEA1') throw new UserError('arrow-feather-1', 'is a Feather file of version 1.', { ...where, remedy: 'Write it again as version 2, which pandas and pyarrow do unless told otherwise.' });
  const isFile = textAt(bytes, 0, 6) === 'ARROW1';
  try {
    if (!isFile) checkStreamEnd(bytes);
    else if (textAt(bytes, -6) !== 'ARROW1') throw new RangeError('Arrow: no end mark.');
    const reader = RecordBatchReader.from(bytes).open();
    let count = 0;
    for (const batch of reader instanceof RecordBatchFileReader && reader.numRecordBatches > 0 ? batchesOfFile(reader) : reader) {
      yield batch;
      count++;
    }
    if (count === 0) throw new RangeError('Arrow: there is no record batch.');
  } catch (cause) {
    throw cause instanceof UserError ? cause : arrowDamaged(where, cause);
  }
}
