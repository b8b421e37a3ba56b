import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeZstdFrame } from '../../src/data/zstd-frame';
import { crc32 } from '../../src/model/zip/crc32';
import type { Random } from './damage';
import { structurallyMutated } from './structural';

type Damage = (original: Buffer, random: Random) => Buffer;

/** The same as `structurallyMutated` for what only data come in; `prepareZstd` first. @param inside Damages what is compressed in a file. */
export function structurallyMutatedData(original: Buffer, random: Random, inside: Damage): Buffer | undefined {
  const start = original.toString('latin1', 0, 16);
  if (start.startsWith('\x1f\x8b')) return gzipSync(inside(gunzipSync(original), random));
  if (start.startsWith('\x28\xb5\x2f\xfd')) return zstdFrame(inside(Buffer.from(decodeZstdFrame(original)), random));
  if (start.startsWith('\x89PNG')) return mutatedPng(original, random);
  if (start.startsWith('\xff\xd8')) return mutatedJpeg(original, random);
  if (start.startsWith('PAR1')) return mutatedParquet(original, random);
  if (start.startsWith('SQLite')) return mutatedNumber(original, random, [1, 2, 4], 'BE');
  if (start.startsWith('\0\0')) return mutatedNumber(original.subarray(0, 20), random, [1, 4], 'BE', original.subarray(20));
  if (start.startsWith('\x93NUMPY')) return mutatedNpy(original, random);
  if (original.toString('latin1', 8, 12) === 'DUCK') return mutatedDuckDb(original, random);
  if (start.startsWith('ARROW1') || start.startsWith('\xff\xff\xff\xff')) return mutatedNumber(original, random, [4, 4, 8, 2], 'LE');
  if (start.startsWith('{')) return mutatedLine(original, random, '\n', (line) => structurallyMutated(line, random) ?? line);
  return original.includes(',') || original.includes('\t') ? mutatedLine(original, random, '\n', (line) => mutatedCell(line, random)) : undefined;
}

/** A number that could be a size, a count or a place in the file becomes another such number, nothing, or far too large. */
function mutatedNumber(original: Buffer, random: Random, sizes: readonly number[], order: 'LE' | 'BE', rest: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.from(original);
  const size = sizes[random(sizes.length)] ?? 1;
  const read = (at: number): bigint => bytes.subarray(at, at + size).reduceRight((sum, _, index) => sum * 256n + BigInt(bytes[order === 'LE' ? at + index : at + size - 1 - index] ?? 0), 0n);
  const write = (at: number, value: bigint): void => {
    for (let index = 0; index < size; index += 1) bytes[order === 'LE' ? at + index : at + size - 1 - index] = Number((value >> BigInt(8 * index)) & 255n);
  };
  const places: number[] = [];
  for (let at = 0; at + size <= bytes.length; at += Math.min(size, 2)) {
    const value = read(at);
    if (value > 0n && value < BigInt(2 * (bytes.length + rest.length))) places.push(at);
  }
  const [one, other] = [places[random(Math.max(1, places.length))], places[random(Math.max(1, places.length))]];
  if (one !== undefined && other !== undefined) {
    const values = [read(other), 0n, 2n ** 64n - 1n, BigInt(bytes.length), 1n << BigInt(random(8 * size)), read(one) + BigInt(random(17)), 2n ** BigInt(8 * size - 1) - 1n, read(one) * BigInt(1 + random(8))];
    write(one, values[random(values.length)] ?? 0n);
  }
  return Buffer.concat([bytes, rest]);
}

/** Of the metadata at the end, which are numbers of seven bits a byte, one byte of one of them. */
function mutatedParquet(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const length = bytes.readUInt32LE(bytes.length - 8);
  // Pages have headers of the same kind, somewhere before.
  const at = random(3) > 0 ? bytes.length - 8 - length + random(length) : 4 + random(bytes.length - 12 - length);
  bytes[at] = ((bytes[at] ?? 0) & 0x80) | random(128);
  return bytes;
}

/** One chunk, its checksum made right again: most of the time the header, which has the sizes. */
function mutatedPng(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const starts: number[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) starts.push(at);
  const start = random(2) === 0 ? 8 : starts[random(starts.length)] ?? 8;
  const end = start + 8 + bytes.readUInt32BE(start);
  if (start === 8 && random(2) === 0) bytes.writeUInt32BE(random(2) === 0 ? 2 ** random(31) : random(70), 16 + 4 * random(2));
  else bytes[start + random(end - start)] = random(256);
  bytes.writeUInt32BE(crc32(bytes.subarray(start + 4, end)), end);
  return bytes;
}

/** The length, or a byte near the beginning, of one of the segments before the pixels. */
function mutatedJpeg(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const starts: number[] = [];
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    starts.push(at);
    if (bytes[at + 1] === 0xda) break;
  }
  const at = (starts[random(Math.max(1, starts.length))] ?? 2) + 1 + random(16);
  if (at < bytes.length) bytes[at] = random(2) === 0 ? random(256) : 255;
  return bytes;
}

/** A size of the shape, or another part of the dictionary, written over with as many characters. */
function mutatedNpy(original: Buffer, random: Random): Buffer {
  const end = 10 + original.readUInt16LE(8);
  const header = original.toString('latin1', 10, end);
  const numbers = [...header.matchAll(/\d+|True|False|[<>|]\w\d/g)];
  const chosen = numbers[random(Math.max(1, numbers.length))];
  if (chosen === undefined) return original;
  const others = ['0', '1', '-1', String(2 ** random(64)), String(random(100)), 'True', 'False', '<f8', '>i8', '|u1', '|O', '1, 1, 1, 1'];
  const changed = header.slice(0, chosen.index) + (others[random(others.length)] ?? '') + header.slice(chosen.index + chosen[0].length);
  const text = Buffer.from(changed.trimEnd().padEnd(header.length - 1).concat('\n'), 'latin1');
  const start = Buffer.from(original.subarray(0, 10));
  start.writeUInt16LE(text.length, 8);
  return Buffer.concat([start, text, original.subarray(end)]);
}

/** DuckDB's blocks begin with a checksum, without which all damage would look the same. */
const duckDbHeaders = 3 * 4096;

function mutatedDuckDb(original: Buffer, random: Random): Buffer {
  const blockSize = Number(original.readBigUInt64LE(4096 + 8 + 8 * 4));
  const blocks = [0, 4096, 8192].map((start) => ({ start, end: start + 4096 }));
  for (let start = duckDbHeaders; start + blockSize <= original.length; start += blockSize) blocks.push({ start, end: start + blockSize });
  const { start, end } = blocks[random(4) === 0 ? 1 + random(2) : 3 + random(Math.max(1, blocks.length - 3))] ?? { start: 0, end: 4096 };
  const used = original.subarray(start + 8, end);
  // What follows the last byte that is not zero is empty space.
  let length = used.length;
  while (length > 8 && used[length - 1] === 0) length -= 1;
  const changed = mutatedNumber(used.subarray(0, length), random, [1, 2, 4, 8], 'LE', used.subarray(length));
  const bytes = Buffer.from(original);
  changed.copy(bytes, start + 8);
  bytes.writeBigUInt64LE(duckDbChecksum(bytes.subarray(start + 8, end)), start);
  return bytes;
}

/** Checksum of src/common/checksum.cpp of DuckDB, for bytes in eights. */
export function duckDbChecksum(bytes: Buffer): bigint {
  let sum = 5381n;
  for (let at = 0; at + 8 <= bytes.length; at += 8) sum ^= BigInt.asUintN(64, bytes.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
  return sum;
}

function mutatedLine(original: Buffer, random: Random, end: string, change: (line: Buffer) => Buffer): Buffer {
  const lines = original.toString('latin1').split(end);
  const at = random(lines.length);
  lines[at] = change(Buffer.from(lines[at] ?? '', 'latin1')).toString('latin1');
  return Buffer.from(lines.join(end), 'latin1');
}

const oddCells = ['', 'NaN', '-inf', '1e400', '9'.repeat(400), '"', '""', '"\n"', '\\', '\0', '\r', '\ufeff', '0x10', '1_000', '2020-13-45', '[1, 2', '{"a": 1}', 'true', "'; drop table t; --", 'x'.repeat(70_000), '../../../etc/passwd', '1-4000000000', '0-99999999999999999999', '-1'];

function mutatedCell(line: Buffer, random: Random): Buffer {
  const delimiter = line.includes('\t') ? '\t' : ',';
  const cells = line.toString('latin1').split(delimiter);
  cells.splice(random(cells.length), random(8) === 0 ? 0 : 1, Buffer.from(oddCells[random(oddCells.length)] ?? '').toString('latin1'));
  return Buffer.from(cells.join(delimiter), 'latin1');
}

/** A frame of one block that is not compressed (RFC 8878, 3.1.1). */
function zstdFrame(contents: Buffer): Buffer {
  const blocks: Buffer[] = [];
  const most = 1 << 17;
  for (let at = 0; at === 0 || at < contents.length; at += most) {
    const part = contents.subarray(at, at + most);
    const header = (part.length << 3) | (at + most >= contents.length ? 1 : 0);
    blocks.push(Buffer.of(header & 255, (header >> 8) & 255, header >> 16), part);
  }
  const start = Buffer.alloc(9);
  start.writeUInt32LE(0xfd2fb528, 0);
  start[4] = 0xa0; // one segment, whose size follows in four bytes
  start.writeUInt32LE(contents.length, 5);
  return Buffer.concat([start, ...blocks]);
}
