import { unzipSync } from 'node:zlib';

/** A single cell as text; a nested value has none. */
function asText(value: RValue['values'][number] | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What R's serialization holds, as far as data frames need it: vectors, lists and their attributes. */
export interface RValue {
  readonly kind: 'integer' | 'real' | 'text' | 'list' | 'other';
  readonly values: readonly (number | string | null | RValue)[];
  readonly attributes: ReadonlyMap<string, RValue>;
}

const nothing: RValue = { kind: 'other', values: [], attributes: new Map() };
const missingInteger = -(2 ** 31);

/** Reads R's binary XDR serialization, version 2 or 3 ("R Internals", section 1.8). */
class Reader {
  private readonly data: DataView;
  private offset = 0;
  private readonly symbols: string[] = [];

  constructor(bytes: Uint8Array) {
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.text(2) !== 'X\n') throw new Error('not XDR serialization');
    const version = this.integer();
    this.offset += 8; // versions of R
    if (version === 3) this.text(this.integer()); // native encoding
  }

  item(): RValue {
    const flags = this.integer();
    const type = flags & 0xff;
    const hasAttributes = (flags & 0x200) !== 0;
    switch (type) {
      case 10: // logical
      case 13: return this.vector('integer', () => this.nullableInteger(), hasAttributes);
      case 14: return this.vector('real', () => this.real(), hasAttributes);
      case 16: return this.vector('text', () => this.item().values[0] ?? null, hasAttributes);
      case 19: return this.vector('list', () => this.item(), hasAttributes);
      case 9: return this.character();
      case 1: return this.symbol();
      case 2: return this.pairs(flags);
      case 238: return this.alternative();
      case 255: return { kind: 'text', values: [this.symbols[(flags >> 8) - 1] ?? null], attributes: new Map() };
      case 254: return nothing; // NULL
      default: throw new Error(`R type ${type} is not read here`);
    }
  }

  private vector(kind: RValue['kind'], element: () => RValue['values'][number], hasAttributes: boolean): RValue {
    const values = Array.from({ length: this.integer() }, element);
    return { kind, values, attributes: hasAttributes ? this.item().attributes : new Map() };
  }

  /** A pair list becomes the attributes of a nameless value. */
  private pairs(first: number): RValue {
    const attributes = new Map<string, RValue>();
    for (let flags = first; (flags & 0xff) === 2; flags = this.integer()) {
      if ((flags & 0x200) !== 0) this.item();
      const name = (flags & 0x400) === 0 ? String(attributes.size) : asText(this.item().values[0]);
      attributes.set(name, this.item());
    }
    return { ...nothing, attributes };
  }

  /** Compact forms of vectors: a range, or a wrapper around an ordinary one. */
  private alternative(): RValue {
    const info = [...this.item().attributes.values()];
    const state = this.item();
    const own = this.item();
    if (info[0]?.values[0] !== 'compact_intseq') return [...state.attributes.values()][0] ?? state;
    const [length = 0, start = 0, step = 1] = state.values.map(Number);
    return { kind: 'integer', values: Array.from({ length }, (_, index) => start + index * step), attributes: own.attributes };
  }

  private character(): RValue {
    const length = this.integer();
    return { kind: 'text', values: [length < 0 ? null : this.text(length)], attributes: new Map() };
  }

  private symbol(): RValue {
    const name = this.item();
    this.symbols.push(asText(name.values[0]));
    return name;
  }

  private integer(): number {
    this.offset += 4;
    return this.data.getInt32(this.offset - 4);
  }

  private nullableInteger(): number | null {
    const value = this.integer();
    return value === missingInteger ? null : value;
  }

  private real(): number {
    this.offset += 8;
    return this.data.getFloat64(this.offset - 8);
  }

  private text(length: number): string {
    this.offset += length;
    return Buffer.from(this.data.buffer, this.data.byteOffset + this.offset - length, length).toString('utf8');
  }
}

/** Reads an R serialization compressed by zlib or gzip. */
export function readR(compressed: Uint8Array): RValue {
  return new Reader(unzipSync(compressed)).item();
}

/** One object of a package's lazy-load database (`Rdata.rdx` with places and lengths, `Rdata.rdb` with the objects). */
export function readLazyLoad(index: Uint8Array, database: Uint8Array, name: string): RValue {
  const places = named(readR(index)).get('variables');
  const [start, length] = (places === undefined ? undefined : named(places).get(name))?.values.map(Number) ?? [];
  if (start === undefined || length === undefined) throw new Error(`there is no ${name}`);
  return readR(database.subarray(start + 4, start + length)); // after four bytes for the size
}

/** The elements of a list or data frame by their names. */
export function named(list: RValue): Map<string, RValue> {
  const names = list.attributes.get('names')?.values ?? [];
  return new Map(list.values.flatMap((value, index) => (typeof value === 'object' && value !== null ? [[asText(names[index]), value] as const] : [])));
}

/** The cells of a column as text: levels of factors, numbers as they are. */
export function columnText(column: RValue): string[] {
  const levels = column.attributes.get('levels')?.values;
  return column.values.map((value) => asText(levels === undefined ? value : levels[Number(value) - 1]));
}
