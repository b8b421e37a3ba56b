import { CompressionType, compressionRegistry, RecordBatchReader } from 'apache-arrow';
import type { RecordBatch, Schema } from 'apache-arrow';
import { UserError } from '../error';
import { beginsLikeFeather1, messagesOf } from './arrow-messages';
import type { ArrowBytes } from './arrow-messages';
import { decodeLz4Frame } from './lz4-frame';
import type { Where } from './source-file';
import { decodeZstdFrame } from './zstd-frame';

compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
compressionRegistry.set(CompressionType.ZSTD, { decode: decodeZstdFrame });

export function arrowDamaged(where: Where, cause?: unknown): UserError {
  return new UserError('arrow-damaged', 'is not an Arrow file or stream (Feather version 2), or a damaged or cut-off one.', { ...where, remedy: 'Write or copy the file again, or name its real format in "format".', cause });
}

/**
 * Opens the Arrow IPC file format (Feather version 2), or the stream format if it does not begin like a file; buffers may be compressed
 * with LZ4 or Zstandard (`prepareZstd` first). Record batches are read when they are asked for.
 * @throws UserError `arrow-damaged`, `arrow-feather-1`; the batches too.
 */
export function openRecordBatches(source: ArrowBytes, where: Where): { readonly schema: Schema; readonly batches: () => Generator<RecordBatch> } {
  try {
    if (beginsLikeFeather1(source)) throw new UserError('arrow-feather-1', 'is a Feather file of version 1.', { ...where, remedy: 'Write it again as version 2, which pandas and pyarrow do unless told otherwise.' });
    const reader = RecordBatchReader.from(messagesOf(source)).open();
    return { schema: reader.schema, batches: () => batchesOf(reader, where) };
  } catch (cause) {
    throw cause instanceof UserError ? cause : arrowDamaged(where, cause);
  }
}

function* batchesOf(reader: Iterable<RecordBatch>, where: Where): Generator<RecordBatch> {
  try {
    yield* reader;
  } catch (cause) {
    throw cause instanceof UserError ? cause : arrowDamaged(where, cause);
  }
}
