/**
 * The file of a SentencePiece model, a protocol buffer (sentencepiece_model.proto of https://github.com/google/sentencepiece): only what
 * encoding needs. Whatever does not fit throws a RangeError.
 */

export type PieceType = 'normal' | 'unknown' | 'control' | 'user-defined' | 'unused' | 'byte';

export interface Piece {
  readonly text: string;
  /** Log probability, float32. */
  readonly score: number;
  readonly type: PieceType;
}

export interface SentencePieceModel {
  readonly pieces: readonly Piece[];
  readonly algorithm: 'unigram' | 'bpe' | 'word' | 'char';
  readonly byteFallback: boolean;
  readonly whitespaceAsSuffix: boolean;
  /** Undefined where there is none. */
  readonly padding: number | undefined;
  /** A character map as `PrecompiledNormalizer` reads it; empty for none. */
  readonly characterMap: Uint8Array;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
}

type Value = number | Buffer;

function varint(bytes: Buffer, at: number): [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes.readUInt8(at + index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return [value, at + index + 1];
  }
  throw new RangeError('SentencePiece: a number of more than ten bytes');
}

/** The fields of a message: numbers as varints or float32, everything else as bytes. */
function* fieldsOf(bytes: Buffer): Generator<readonly [field: number, value: Value]> {
  for (let at = 0; at < bytes.length;) {
    const [tag, start] = varint(bytes, at);
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: {
        const [value, end] = varint(bytes, start);
        yield [field, value];
        at = end;
        break;
      }
      case 1:
        at = start + 8; // no field that is wanted has 64 bits
        break;
      case 2: {
        const [length, body] = varint(bytes, start);
        if (body + length > bytes.length) throw new RangeError('SentencePiece: cut off');
        yield [field, bytes.subarray(body, body + length)];
        at = body + length;
        break;
      }
      case 5:
        yield [field, bytes.readFloatLE(start)];
        at = start + 4;
        break;
      default: throw new RangeError('SentencePiece: no protocol buffer');
    }
  }
}

const numberOf = (value: Value | undefined, missing: number): number => (typeof value === 'number' ? value : missing);
const bytesOf = (value: Value | undefined): Buffer => (typeof value === 'object' ? value : Buffer.alloc(0));
const types: Readonly<Record<number, PieceType>> = { 1: 'normal', 2: 'unknown', 3: 'control', 4: 'user-defined', 5: 'unused', 6: 'byte' };
const algorithms: Readonly<Record<number, SentencePieceModel['algorithm']>> = { 1: 'unigram', 2: 'bpe', 3: 'word', 4: 'char' };

function pieceOf(bytes: Buffer): Piece {
  const fields = new Map(fieldsOf(bytes));
  const type = types[numberOf(fields.get(3), 1)];
  if (type === undefined) throw new RangeError('SentencePiece: a piece of an unknown type');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(fields.get(1)));
  if (text === '') throw new RangeError('SentencePiece: a piece without text'); // which would be found everywhere, and again behind itself
  return { text, score: numberOf(fields.get(2), 0), type };
}

/** @throws RangeError, TypeError for what is no such file. */
export function parseSentencePiece(file: Uint8Array): SentencePieceModel {
  const pieces: Piece[] = [];
  let [trainer, normalizer] = [new Map<number, Value>(), new Map<number, Value>()];
  for (const [field, value] of fieldsOf(Buffer.from(file.buffer, file.byteOffset, file.length))) {
    if (field === 1) pieces.push(pieceOf(bytesOf(value)));
    else if (field === 2) trainer = new Map(fieldsOf(bytesOf(value)));
    else if (field === 3) normalizer = new Map(fieldsOf(bytesOf(value)));
  }
  const algorithm = algorithms[numberOf(trainer.get(3), 1)];
  if (algorithm === undefined || pieces.filter(({ type }) => type === 'unknown').length !== 1) throw new RangeError('SentencePiece: no model');
  const padding = numberOf(trainer.get(43), -1);
  return {
    pieces,
    algorithm,
    byteFallback: numberOf(trainer.get(35), 0) === 1,
    whitespaceAsSuffix: numberOf(trainer.get(24), 0) === 1,
    padding: padding >= 0 && padding < pieces.length ? padding : undefined,
    characterMap: bytesOf(normalizer.get(2)),
    addDummyPrefix: numberOf(normalizer.get(3), 1) === 1,
    removeExtraWhitespaces: numberOf(normalizer.get(4), 1) === 1,
    escapeWhitespaces: numberOf(normalizer.get(5), 1) === 1,
  };
}
