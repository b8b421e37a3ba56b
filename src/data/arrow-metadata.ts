/**
 * The metadata of an Arrow file are flatbuffers, whose reader trusts every length: a changed byte makes it read two billion fields, until memory
 * or patience ends. They are checked here first. Layouts: Message.fbs, Schema.fbs and File.fbs of
 * https://github.com/apache/arrow/tree/main/format; encoding: https://flatbuffers.dev/internals.
 */

type Kind = 'text' | { readonly elementBytes: number } | { readonly table: Layout } | { readonly tables: Layout };
/** Kinds of the fields that lead somewhere, by their numbers; `field` reads a byte of the same table, for what says of which kind another is. */
type Layout = (field: (number: number) => number) => Readonly<Record<number, Kind>>;

const keyValue: Layout = () => ({ 0: 'text', 1: 'text' });
const leaf: Layout = () => ({});
const timestamp: Layout = () => ({ 1: 'text' });
const union: Layout = () => ({ 1: { elementBytes: 4 } });
const timestampKind = 10;
const unionKind = 14;
const typeOf = (kind: number): Layout => (kind === timestampKind ? timestamp : kind === unionKind ? union : leaf);
const encoding: Layout = () => ({ 1: { table: leaf } });
const field: Layout = (byte) => ({ 0: 'text', 3: { table: typeOf(byte(2)) }, 4: { table: encoding }, 5: { tables: field }, 6: { tables: keyValue } });
const schema: Layout = () => ({ 1: { tables: field }, 2: { tables: keyValue }, 3: { elementBytes: 8 } });
const recordBatch: Layout = () => ({ 1: { elementBytes: 16 }, 2: { elementBytes: 16 }, 3: { table: leaf }, 4: { elementBytes: 8 } });
const dictionaryBatch: Layout = () => ({ 1: { table: recordBatch } });
const headers: Readonly<Record<number, Layout>> = { 1: schema, 2: dictionaryBatch, 3: recordBatch };

export const messageLayout: Layout = (byte) => ({ 2: { table: headers[byte(1)] ?? leaf }, 4: { tables: keyValue } });
export const footerLayout: Layout = () => ({ 1: { table: schema }, 2: { elementBytes: 24 }, 3: { elementBytes: 24 }, 4: { tables: keyValue } });

/** As deep as the flatbuffers of other languages may be. */
const deepest = 64;

/** Throws a RangeError where anything in a flatbuffer leads out of it, or round in it. */
export function checkFlatbuffer(bytes: Uint8Array, layout: Layout): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Each table takes four bytes or more, so that only what leads to the same ones again and again has more than this.
  let tables = bytes.length / 4;

  const follow = (at: number): number => at + view.getUint32(at, true);
  const checkVector = (at: number, elementBytes: number): number => {
    const count = view.getUint32(at, true);
    if (at + 4 + count * elementBytes > bytes.length) throw new RangeError('Arrow: a list longer than the metadata it is in.');
    return count;
  };
  const checkTable = (at: number, of: Layout, depth: number): void => {
    if (--tables < 0 || depth > deepest) throw new RangeError('Arrow: metadata that lead round in a circle.');
    const slots = at - view.getInt32(at, true);
    const end = view.getInt16(slots, true);
    const placeOf = (number: number): number | undefined => {
      const slot = 4 + 2 * number;
      const offset = slot < end ? view.getInt16(slots + slot, true) : 0;
      if (offset < 0) throw new RangeError('Arrow: metadata before their beginning.');
      return offset === 0 ? undefined : at + offset;
    };
    const byte = (number: number): number => {
      const place = placeOf(number);
      return place === undefined ? 0 : view.getUint8(place);
    };
    for (const [number, kind] of Object.entries(of(byte))) {
      const place = placeOf(Number(number));
      if (place === undefined) continue;
      const target = follow(place);
      if (kind === 'text') checkVector(target, 1);
      else if ('elementBytes' in kind) checkVector(target, kind.elementBytes);
      else if ('table' in kind) checkTable(target, kind.table, depth + 1);
      else for (let index = 0, count = checkVector(target, 4); index < count; index += 1) checkTable(follow(target + 4 + 4 * index), kind.tables, depth + 1);
    }
  };
  checkTable(follow(0), layout, 0);
}
