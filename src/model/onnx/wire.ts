/**
 * The protocol-buffer wire format, as far as it takes to find out where in a file a field lies.
 * Rewriting numbers where they lie keeps every other byte of the file as its exporter wrote it.
 * Format: https://protobuf.dev/programming-guides/encoding/
 */
export interface Field {
  readonly number: number;
  /** Payload of a length-delimited or fixed-width field. */
  readonly start: number;
  readonly end: number;
  /** Value of a varint field, undefined otherwise. */
  readonly value: number | undefined;
}

/** @throws RangeError where the bytes are not a message */
export function* fieldsOf(bytes: Uint8Array, start: number, end: number): Generator<Field> {
  let at = start;
  while (at < end) {
    const tag = readVarint(bytes, at, end);
    at = tag.next;
    const number = Math.floor(tag.value / 8);
    switch (tag.value % 8) {
      case 0: {
        const { value, next } = readVarint(bytes, at, end);
        yield { number, start: at, end: next, value };
        at = next;
        break;
      }
      case 1:
        yield field(number, at, at + 8, end);
        at += 8;
        break;
      case 2: {
        const { value, next } = readVarint(bytes, at, end);
        yield field(number, next, next + value, end);
        at = next + value;
        break;
      }
      case 5:
        yield field(number, at, at + 4, end);
        at += 4;
        break;
      default:
        throw new RangeError(`wire type ${tag.value % 8} at byte ${at}`);
    }
  }
}

function field(number: number, start: number, end: number, limit: number): Field {
  if (end > limit) throw new RangeError(`field ${number} ends at byte ${end}, beyond ${limit}`);
  return { number, start, end, value: undefined };
}

/** Values above 2^53 lose their low bits: no length or count is that large. */
function readVarint(bytes: Uint8Array, start: number, end: number): { value: number; next: number } {
  let value = 0;
  for (let at = start, scale = 1; at < end && at < start + 10; at += 1, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new RangeError(`unfinished number at byte ${start}`);
}
