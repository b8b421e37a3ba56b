import { crc32 } from '../../src/model/zip/crc32';
import type { Random } from './damage';

const odd: readonly unknown[] = [null, true, '', 'NaN', [], {}, -1, 0, 1.5, 2 ** 31, 2 ** 53, 1e300, '9'.repeat(40), [[[]]], [2 ** 31, 2 ** 31], '../../etc/passwd'];

/**
 * Damage to what a format counts by, and not only to its bytes: lengths, offsets, shapes, types and names that contradict each other, in a file that is
 * sound but for them. Undefined where the bytes are of no known structure.
 */
export function structurallyMutated(original: Buffer, random: Random): Buffer | undefined {
  if (original[0] === 0x7b) return mutatedJson(original, random);
  if (original.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) return mutatedEntry(original, random);
  if (original.subarray(1, 4).toString('latin1') === 'HDF') return mutatedAddress(original, random);
  if (original[8] === 0x7b && original.readBigUInt64LE(0) < BigInt(original.length)) return mutatedHeader(original, random);
  if (original[0] === 0x80) return mutatedPickle(original, random);
  return original[0] === 0x08 ? mutatedField(original, random) : undefined;
}

/** One value of the document becomes another, moves, or is gone. */
function mutatedJson(original: Buffer, random: Random): Buffer | undefined {
  let document: unknown;
  try {
    document = JSON.parse(original.toString('utf8'));
  } catch {
    return undefined;
  }
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      places.push({ holder: value as Record<string, unknown>, key });
      visit(inner);
    }
  };
  visit(document);
  const place = places[random(Math.max(1, places.length))];
  if (place === undefined) return undefined;
  const { holder, key } = place;
  const other = places[random(places.length)];
  switch (random(4)) {
    case 0: Reflect.deleteProperty(holder, key); break;
    case 1: holder[key] = other?.holder === holder ? holder[other.key] : odd[random(odd.length)]; break;
    case 2: holder[key] = typeof holder[key] === 'number' ? holder[key] * (random(3) - 1) * 2 ** random(32) : odd[random(odd.length)]; break;
    case 3: holder[key] = Array.isArray(holder[key]) ? [...holder[key] as unknown[], odd[random(odd.length)]] : odd[random(odd.length)]; break;
  }
  return Buffer.from(JSON.stringify(document));
}

/** A safetensors header, its length made right again. */
function mutatedHeader(original: Buffer, random: Random): Buffer | undefined {
  const end = 8 + Number(original.readBigUInt64LE(0));
  const header = mutatedJson(original.subarray(8, end), random);
  if (header === undefined) return undefined;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, original.subarray(end)]);
}

/** The contents of one stored entry, with the checksums made right again; or a number in the archive's directory. */
function mutatedEntry(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const records: number[] = [];
  for (let at = bytes.indexOf('PK\u0001\u0002'); at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 4)) records.push(at);
  const record = records[random(Math.max(1, records.length))];
  if (record === undefined) return bytes;
  const header = bytes.readUInt32LE(record + 42);
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const contents = bytes.subarray(start, start + bytes.readUInt32LE(record + 20));
  const changed = bytes.readUInt16LE(record + 10) === 0 && random(4) > 0 ? structurallyMutated(contents, random) : undefined;
  if (changed === undefined || changed.length > contents.length) {
    const fields = [6, 8, 10, 20, 24, 28, 30, 32, 42];
    bytes.writeUInt16LE(random(65_536), record + (fields[random(fields.length)] ?? 0));
    return bytes;
  }
  // Shorter contents of JSON are filled with what it does not see, pickles end by themselves.
  contents.fill(0x20);
  changed.copy(contents);
  const checksum = crc32(contents);
  bytes.writeUInt32LE(checksum, record + 16);
  bytes.writeUInt32LE(checksum, header + 14);
  return bytes;
}

/** A number that could be an address or a size in the file becomes another such number, nothing, or far too large. */
function mutatedAddress(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const places: number[] = [];
  for (let at = 8; at + 8 <= bytes.length; at += 8) {
    const value = bytes.readBigUInt64LE(at);
    if (value > 0n && value < BigInt(2 * bytes.length)) places.push(at);
  }
  const [one, other] = [places[random(Math.max(1, places.length))], places[random(Math.max(1, places.length))]];
  if (one === undefined || other === undefined) return bytes;
  const values = [bytes.readBigUInt64LE(other), 0n, 2n ** 64n - 1n, BigInt(bytes.length), 1n << BigInt(random(64)), bytes.readBigUInt64LE(one) + BigInt(random(17)) * 8n];
  bytes.writeBigUInt64LE(values[random(values.length)] ?? 0n, one);
  return bytes;
}

/** A number, an index or an instruction of a pickle becomes another one. */
function mutatedPickle(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const instructions = Buffer.from([0x4b, 0x4d, 0x4a, 0x71, 0x68, 0x74, 0x85, 0x86, 0x87, 0x52, 0x51, 0x62, 0x65, 0x75, 0x73, 0x28, 0x58, 0x63, 0x7d, 0x5d, 0x30, 0x94]);
  const places = [...bytes.subarray(0, 20_000).entries()].filter(([, byte]) => instructions.includes(byte)).map(([at]) => at);
  const at = places[random(Math.max(1, places.length))] ?? 2;
  if (random(2) === 0) bytes[at] = instructions[random(instructions.length)] ?? 0;
  else if (at + 5 < bytes.length) bytes.writeUInt32LE(random(2) === 0 ? random(2 ** 31) : random(16), at + 1);
  return bytes;
}

/** A number somewhere in the messages of an ONNX file becomes another one of as many bytes, so that all around it stays sound: a dimension, a type, a length. */
function mutatedField(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const numbers: { readonly at: number; readonly length: number }[] = [];
  const walk = (start: number, end: number, depth: number): boolean => {
    const found: typeof numbers = [];
    let at = start;
    const varint = (): { at: number; length: number; value: number } | undefined => {
      let value = 0;
      for (let length = 1; length <= 5 && at + length <= end; length += 1) {
        const byte = bytes[at + length - 1] ?? 0;
        value += (byte & 0x7f) * 128 ** (length - 1);
        if (byte < 0x80) {
          at += length;
          return { at: at - length, length, value };
        }
      }
      return undefined;
    };
    while (at < end) {
      const tag = varint();
      if (tag === undefined || tag.value < 8) return false;
      const kind = tag.value % 8;
      if (kind === 1 || kind === 5) at += kind === 1 ? 8 : 4;
      else if (kind === 0 || kind === 2) {
        const number = varint();
        if (number === undefined) return false;
        found.push(number);
        if (kind === 2) {
          if (at + number.value > end) return false;
          if (depth < 6 && number.value > 2 && number.value < 100_000) walk(at, at + number.value, depth + 1);
          at += number.value;
        }
      } else return false;
    }
    numbers.push(...found);
    return at === end;
  };
  walk(0, bytes.length, 0);
  const chosen = numbers[random(Math.max(1, numbers.length))];
  if (chosen === undefined) return bytes;
  for (let index = 0; index < chosen.length; index += 1) bytes[chosen.at + index] = random(128) + (index + 1 < chosen.length ? 128 : 0);
  return bytes;
}
