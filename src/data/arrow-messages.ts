import { readSync } from 'node:fs';
import { Message, MessageHeader, RecordBatchReader } from 'apache-arrow';
import { checkFlatbuffer, footerLayout, messageLayout } from './arrow-metadata';

/**
 * The messages of an Arrow file or stream, one after the other, read when they are asked for: the format "Encapsulated message" of
 * https://arrow.apache.org/docs/format/Columnar.html. Whatever does not fit throws a RangeError.
 */

const mark = 'ARROW1';
/** What ends a stream: a continuation and a length of zero. */
const endOfStream = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

export interface ArrowBytes {
  readonly descriptor: number;
  readonly size: number;
}

function readAt({ descriptor, size }: ArrowBytes, start: number, length: number): Buffer {
  if (start < 0 || length < 0 || start + length > size) throw new RangeError('Arrow: a place outside the file.');
  const bytes = Buffer.alloc(length);
  for (let filled = 0; filled < length;) {
    const count = readSync(descriptor, bytes, filled, length - filled, start + filled);
    if (count === 0) throw new RangeError('Arrow: cut off.');
    filled += count;
  }
  return bytes;
}

function beginsWith(source: ArrowBytes, text: string): boolean {
  return source.size >= text.length && readAt(source, 0, text.length).toString('latin1') === text;
}

export function beginsLikeFeather1(source: ArrowBytes): boolean {
  return beginsWith(source, 'FEA1');
}

/** What the compressed buffers of a message take. Each is decompressed by itself: many that share their bytes could fill any memory. */
function compressedBytes(message: Message): number {
  const batch = message.isRecordBatch() ? message.header() : message.isDictionaryBatch() ? message.header().data : undefined;
  return batch === undefined || batch.compression === null ? 0 : batch.buffers.reduce((sum, { length }) => sum + Math.abs(length), 0);
}

/** The message at a place; undefined for the end of a stream. */
function readMessage(source: ArrowBytes, at: number): { readonly kind: MessageHeader; readonly bytes: Buffer } | undefined {
  const prefix = readAt(source, at, Math.min(8, source.size - at));
  const continued = prefix.readInt32LE(0) === -1; // what precedes the length since version 0.15 of the format
  const start = continued ? 8 : 4;
  const size = prefix.readInt32LE(start - 4);
  if (size === 0) return undefined;
  if (size < 0) throw new RangeError('Arrow: a message without metadata.');
  const metadata = readAt(source, at + start, size);
  checkFlatbuffer(metadata, messageLayout);
  const message = Message.decode(metadata);
  const { headerType, bodyLength } = message;
  if (bodyLength < 0) throw new RangeError('Arrow: a message of negative length.');
  if (compressedBytes(message) > bodyLength) throw new RangeError('Arrow: buffers of more bytes than their message has.');
  return { kind: headerType, bytes: readAt(source, at, start + size + bodyLength) };
}

function* messagesOfStream(source: ArrowBytes): Generator<Uint8Array> {
  let at = 0;
  for (let message = readMessage(source, at); message !== undefined; message = readMessage(source, at)) {
    const expected = at === 0 ? [MessageHeader.Schema] : [MessageHeader.DictionaryBatch, MessageHeader.RecordBatch];
    if (!expected.includes(message.kind)) throw new RangeError('Arrow: a message of another kind than belongs there.');
    at += message.bytes.length;
    yield message.bytes;
  }
  // A stream that was cut off between two messages has no end mark; one that goes on behind it is something else.
  if (at === 0 || ![4, 8].includes(source.size - at)) throw new RangeError('Arrow: something after the end.');
  yield endOfStream;
}

/** Where the vector of a field of the footer begins, with its length: the footer is a flatbuffer. */
function vectorIn(footer: Buffer, field: number): number | undefined {
  const root = footer.readUInt32LE(0);
  const table = root - footer.readInt32LE(root);
  const slot = 4 + 2 * field;
  const offset = slot < footer.readUInt16LE(table) ? footer.readUInt16LE(table + slot) : 0;
  return offset === 0 ? undefined : root + offset + footer.readUInt32LE(root + offset);
}

const dictionaryField = 2;
const batchField = 3;

/** Places of messages: blocks of 24 bytes, the place first. */
function placesOf(footer: Buffer, field: number): number[] {
  const vector = vectorIn(footer, field);
  if (vector === undefined) return [];
  const count = footer.readUInt32LE(vector);
  if (vector + 4 + 24 * count > footer.length) throw new RangeError('Arrow: more blocks than the footer has.');
  return Array.from({ length: count }, (_, index) => Number(footer.readBigInt64LE(vector + 4 + 24 * index)));
}

/** The message that a stream would begin with: not every program writes it into a file, whose footer has the schema. */
function schemaMessage(footer: Buffer, end: Buffer): Uint8Array {
  const file = Buffer.concat([Buffer.from(`${mark}\0\0`), footer, end]);
  for (const field of [dictionaryField, batchField]) {
    const vector = vectorIn(footer, field);
    if (vector !== undefined) file.writeUInt32LE(0, 8 + vector); // a file of nothing but the footer, and without places in it
  }
  const { schema } = RecordBatchReader.from(file).open();
  const metadata = Message.encode(Message.from(schema));
  const bytes = Buffer.alloc(8 + 8 * Math.ceil(metadata.length / 8));
  bytes.writeInt32LE(-1, 0);
  bytes.writeInt32LE(bytes.length - 8, 4);
  bytes.set(metadata, 8);
  return bytes;
}

/** By the footer of a file, in the order of a stream. */
function* messagesOfFile(source: ArrowBytes): Generator<Uint8Array> {
  const end = readAt(source, source.size - 10, 10);
  if (end.toString('latin1', 4) !== mark) throw new RangeError('Arrow: no end mark.');
  const footer = readAt(source, source.size - 10 - end.readInt32LE(0), end.readInt32LE(0));
  checkFlatbuffer(footer, footerLayout);
  yield schemaMessage(footer, end);
  for (const [field, kind] of [[dictionaryField, MessageHeader.DictionaryBatch], [batchField, MessageHeader.RecordBatch]] as const) {
    for (const place of placesOf(footer, field)) {
      const message = readMessage(source, place);
      if (message?.kind !== kind) throw new RangeError('Arrow: the footer leads to a message of another kind.');
      yield message.bytes;
    }
  }
  yield endOfStream;
}

/** All messages in the order of a stream: the schema, dictionaries before what uses them, record batches, and the end. */
export function messagesOf(source: ArrowBytes): Generator<Uint8Array> {
  return beginsWith(source, mark) ? messagesOfFile(source) : messagesOfStream(source);
}
