import { Field, Int32, List, Message, Schema, tableFromArrays, tableToIPC } from 'apache-arrow';
import { expect, test } from 'vitest';
import { checkFlatbuffer, messageLayout } from '../../../src/data/arrow-metadata';

/** The metadata of the first message of a stream, behind a continuation and their length. */
function schemaOf(stream: Uint8Array): Uint8Array {
  return stream.slice(8, 8 + new DataView(stream.buffer, stream.byteOffset).getUint32(4, true));
}

const nested = (levels: number): Field => (levels === 0 ? new Field('leaf', new Int32()) : new Field('list', new List(nested(levels - 1))));

test('what the library writes passes', () => {
  expect(() => checkFlatbuffer(schemaOf(tableToIPC(tableFromArrays({ a: [1, 2], b: ['x', 'y'] }), 'stream')), messageLayout)).not.toThrow();
  expect(() => checkFlatbuffer(Message.encode(Message.from(new Schema([nested(40)]))), messageLayout)).not.toThrow();
});

test('fields within fields beyond any sense are refused before they fill the stack', () => {
  expect(() => checkFlatbuffer(Message.encode(Message.from(new Schema([nested(80)]))), messageLayout)).toThrow(RangeError);
});

test('wherever a length of two billion is written, metadata are refused or stay readable to their end', () => {
  const good = schemaOf(tableToIPC(tableFromArrays({ a: [1, 2], b: ['x', 'y'] }), 'stream'));
  let refused = 0;
  for (let at = 0; at + 4 <= good.length; at += 1) {
    const bad = good.slice();
    new DataView(bad.buffer).setUint32(at, 0x7fffffff, true);
    try {
      checkFlatbuffer(bad, messageLayout);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused += 1;
      continue;
    }
    // Numbers and names; and what the library cannot make sense of it says itself.
    try {
      Message.decode(bad).header();
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }
  expect(refused).toBeGreaterThan(good.length / 10);
});

/** A schema of one field, whose children are twice the same field, and so on: 2^levels of them in some bytes a level. */
function folded(levels: number): Uint8Array {
  const bytes = new Uint8Array(100 + 40 * levels);
  const view = new DataView(bytes.buffer);
  const offset = (at: number, target: number): void => view.setUint32(at, target - at, true);
  const table = (at: number, slots: number): void => view.setInt32(at, at - slots, true);
  /** Slots of a table with one field, of the number given, four bytes behind its beginning. */
  const slotsFor = (at: number, field: number): number => {
    view.setUint16(at, 6 + 2 * field, true);
    view.setUint16(at + 4 + 2 * field, 4, true);
    return at;
  };
  const [message, schema, field] = [4, 24, 40];
  view.setUint16(message, 10, true);
  view.setUint16(message + 6, 4, true); // the kind of the header
  view.setUint16(message + 8, 8, true); // the header
  const root = 64;
  offset(0, root);
  table(root, message);
  bytes[root + 4] = 1; // a schema
  offset(root + 8, root + 12);
  table(root + 12, slotsFor(schema, 1));
  offset(root + 16, root + 20);
  slotsFor(field, 5);
  view.setUint32(root + 20, 1, true);
  offset(root + 24, root + 28);
  let at = root + 28;
  for (let level = 0; level < levels; level += 1) {
    table(at, field);
    offset(at + 4, at + 8);
    view.setUint32(at + 8, 2, true);
    offset(at + 12, at + 20);
    offset(at + 16, at + 20);
    at += 20;
  }
  const last = at;
  view.setUint16(last + 4, 4, true);
  table(last, last + 4);
  return bytes;
}

test('fields that are folded into one another a million million times are refused at once', () => {
  expect(() => checkFlatbuffer(folded(3), messageLayout)).not.toThrow();
  expect(Message.decode(folded(3)).isSchema()).toBe(true);
  expect(() => checkFlatbuffer(folded(40), messageLayout)).toThrow(RangeError);
});
