import { UserError } from '../../error';
import { refusedName } from './refused-names';

/** A value in a pickle. Nothing in it is ever called: a class or function stays a name. */
export type PickleValue = null | boolean | number | bigint | string | PickleBytes | PickleFloat | PickleList | PickleDict | PickleTuple | PickleGlobal | PickleObject | PicklePersistent;

/** A float, and where its eight bytes lie. */
export class PickleFloat {
  readonly value: number;
  readonly at: number;
  constructor(value: number, at: number) {
    this.value = value;
    this.at = at;
  }
}

/** A run of bytes, and where it lies. */
export class PickleBytes {
  readonly at: number;
  readonly length: number;
  constructor(at: number, length: number) {
    this.at = at;
    this.length = length;
  }
}

export class PickleList {
  readonly items: PickleValue[] = [];
}

export class PickleTuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

export class PickleDict {
  readonly entries: [PickleValue, PickleValue][] = [];
}

/** A class or function by name. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What a known function would return for these arguments. */
export class PickleObject {
  readonly maker: string;
  readonly arguments: readonly PickleValue[];
  state: PickleValue = null;
  constructor(maker: string, given: readonly PickleValue[]) {
    this.maker = maker;
    this.arguments = given;
  }
}

/** A reference to a storage outside the pickle. */
export class PicklePersistent {
  readonly id: PickleValue;
  constructor(id: PickleValue) {
    this.id = id;
  }
}

const mark = Symbol('mark');
const limits = { values: 2_000_000, depth: 1000 };

/**
 * Reads one pickle as data, by protocols 2 to 5. Python would run what the pickle names; here the few names that a state dict needs are
 * understood, and any other stops the reading.
 * @param known full names of classes and functions: `collections.OrderedDict`
 * @returns the value, and where the pickle ends
 * @throws UserError pickle-refused, naming what it wanted to call
 * @throws RangeError where the bytes are not a pickle
 */
export function unpickle(bytes: Uint8Array, start: number, known: ReadonlySet<string>, file: string): { readonly value: PickleValue; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: (PickleValue | typeof mark)[] = [];
  const memo = new Map<number, PickleValue>();
  let at = start;
  let made = 0;

  const take = (length: number): number => {
    if (length < 0 || at + length > bytes.length) throw new RangeError('the pickle ends too early');
    at += length;
    return at - length;
  };
  const text = (length: number): string => {
    const from = take(length);
    return new TextDecoder().decode(bytes.subarray(from, from + length));
  };
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) throw new RangeError('the pickle ends too early');
    const found = new TextDecoder().decode(bytes.subarray(at, end));
    at = end + 1;
    return found;
  };
  const blob = (length: number): PickleBytes => new PickleBytes(take(length), length);
  const byte = (): number => view.getUint8(take(1));
  const size4 = (): number => view.getUint32(take(4), true);
  const size8 = (): number => Number(view.getBigUint64(take(8), true));
  const push = (value: PickleValue): void => {
    made += 1;
    if (made > limits.values) throw new RangeError('the pickle holds more values than any checkpoint');
    stack.push(value);
  };
  const pop = (): PickleValue => {
    const value = stack.pop();
    if (value === undefined || value === mark) throw new RangeError('the pickle takes more than it put');
    return value;
  };
  const popToMark = (): PickleValue[] => {
    const from = stack.lastIndexOf(mark);
    if (from < 0) throw new RangeError('the pickle closes what it did not open');
    return stack.splice(from).filter((value) => value !== mark);
  };
  const top = (): PickleValue => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const nameOf = (value: PickleValue): string => {
    if (typeof value !== 'string') throw new RangeError('a name is not text');
    return value;
  };
  const refer = (name: string): void => {
    if (!known.has(name)) throw refusedName(name, file);
    push(new PickleGlobal(name));
  };
  const setItems = (pairs: readonly PickleValue[]): void => {
    const target = top();
    const dict = target instanceof PickleDict ? target : dictOf(target);
    for (let index = 0; index + 1 < pairs.length; index += 2) dict.entries.push([pairs[index] ?? null, pairs[index + 1] ?? null]);
  };
  const append = (items: readonly PickleValue[]): void => {
    const target = top();
    if (!(target instanceof PickleList)) throw new RangeError('the pickle appends to what is no list');
    target.items.push(...items);
  };
  const recall = (index: number): void => {
    const value = memo.get(index);
    if (value === undefined) throw new RangeError('the pickle recalls what it never stored');
    push(value);
  };

  for (;;) {
    const opcode = byte();
    switch (opcode) {
      case 0x80: byte(); break; // PROTO
      case 0x95: take(8); break; // FRAME
      case 0x2e: return { value: pop(), end: at }; // STOP
      case 0x28: stack.push(mark); break; // MARK
      case 0x30: stack.pop(); break; // POP
      case 0x31: popToMark(); break; // POP_MARK
      case 0x4e: push(null); break; // NONE
      case 0x88: push(true); break; // NEWTRUE
      case 0x89: push(false); break; // NEWFALSE
      case 0x4b: push(byte()); break; // BININT1
      case 0x4d: push(view.getUint16(take(2), true)); break; // BININT2
      case 0x4a: push(view.getInt32(take(4), true)); break; // BININT
      case 0x8a: push(long(bytes, take, byte())); break; // LONG1
      case 0x47: push(new PickleFloat(view.getFloat64(take(8)), at - 8)); break; // BINFLOAT
      case 0x58: push(text(size4())); break; // BINUNICODE
      case 0x8c: push(text(byte())); break; // SHORT_BINUNICODE
      case 0x8d: push(text(size8())); break; // BINUNICODE8
      case 0x54: push(text(size4())); break; // BINSTRING
      case 0x55: push(text(byte())); break; // SHORT_BINSTRING
      case 0x42: push(blob(size4())); break; // BINBYTES
      case 0x43: push(blob(byte())); break; // SHORT_BINBYTES
      case 0x8e: push(blob(size8())); break; // BINBYTES8
      case 0x96: push(blob(size8())); break; // BYTEARRAY8
      case 0x5d: case 0x8f: push(new PickleList()); break; // EMPTY_LIST, EMPTY_SET
      case 0x7d: push(new PickleDict()); break; // EMPTY_DICT
      case 0x29: push(new PickleTuple([])); break; // EMPTY_TUPLE
      case 0x85: push(new PickleTuple([pop()])); break; // TUPLE1
      case 0x86: push(new PickleTuple([pop(), pop()].reverse())); break; // TUPLE2
      case 0x87: push(new PickleTuple([pop(), pop(), pop()].reverse())); break; // TUPLE3
      case 0x74: case 0x91: push(new PickleTuple(popToMark())); break; // TUPLE, FROZENSET
      case 0x61: append([pop()]); break; // APPEND
      case 0x65: case 0x90: append(popToMark()); break; // APPENDS, ADDITEMS
      case 0x73: setItems([pop(), pop()].reverse()); break; // SETITEM
      case 0x75: setItems(popToMark()); break; // SETITEMS
      case 0x71: memo.set(byte(), top()); break; // BINPUT
      case 0x72: memo.set(size4(), top()); break; // LONG_BINPUT
      case 0x94: memo.set(memo.size, top()); break; // MEMOIZE
      case 0x68: recall(byte()); break; // BINGET
      case 0x6a: recall(size4()); break; // LONG_BINGET
      case 0x63: { // GLOBAL
        const module = line();
        refer(`${module}.${line()}`);
        break;
      }
      case 0x93: { // STACK_GLOBAL
        const name = nameOf(pop());
        refer(`${nameOf(pop())}.${name}`);
        break;
      }
      case 0x51: push(new PicklePersistent(pop())); break; // BINPERSID
      case 0x52: { // REDUCE
        const given = pop();
        const maker = pop();
        if (!(given instanceof PickleTuple) || !(maker instanceof PickleGlobal)) throw new RangeError('the pickle calls what is no function');
        push(new PickleObject(maker.name, given.items));
        break;
      }
      case 0x62: { // BUILD
        const state = pop();
        const target = top();
        if (!(target instanceof PickleObject)) throw new RangeError('the pickle gives a state to what is no object');
        target.state = state;
        break;
      }
      default:
        throw new UserError('pickle-refused', `the checkpoint uses the pickle instruction 0x${opcode.toString(16)}, which no plain state dict needs.`, { file, remedy: 'Save the state dict alone: torch.save(model.state_dict(), …), or use safetensors.' });
    }
    if (stack.length > limits.values) throw new RangeError('the pickle is deeper than any checkpoint');
  }
}

/** Items of an OrderedDict are set on the object that its call returned. */
const dictionaries = new WeakMap<PickleObject, PickleDict>();

export function dictOf(value: PickleValue): PickleDict {
  if (value instanceof PickleDict) return value;
  if (!(value instanceof PickleObject)) throw new RangeError('the pickle sets items of what is no dictionary');
  const dict = dictionaries.get(value) ?? new PickleDict();
  dictionaries.set(value, dict);
  return dict;
}

/** A whole number in as many bytes as it needs, little-endian, two's complement. */
function long(bytes: Uint8Array, take: (length: number) => number, length: number): bigint {
  const from = take(length);
  const magnitude = bytes.subarray(from, from + length).reduceRight((value, part) => (value << 8n) | BigInt(part), 0n);
  return length === 0 ? 0n : BigInt.asIntN(8 * length, magnitude);
}
