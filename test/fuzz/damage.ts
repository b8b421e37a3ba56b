import { structurallyMutated } from './structural';
import { structurallyMutatedData } from './structural-data';

/** Gives a whole number from 0 to below the given one. */
export type Random = (below: number) => number;

/** Numbers that are the same every time for the same seed and round: Marsaglia's xorshift32, after a few rounds that part neighbouring seeds. */
export function randomOf(seed: number, round: number): Random {
  let state = ((seed + 1) * 1_000_003 + round * 7919) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let skipped = 0; skipped < 8; skipped += 1) next();
  return (below) => next() % below;
}

/** Every second time to what the format counts by, else to any of its bytes. */
export function damaged(original: Buffer, random: Random): Buffer {
  return (random(2) === 0 ? structurallyMutated(original, random) ?? structurallyMutatedData(original, random, damaged) : undefined) ?? mutated(original, random);
}

function mutated(original: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let times = 1 + random(4); times > 0 && bytes.length > 1; times -= 1) {
    const at = random(bytes.length);
    const length = 1 + random(Math.min(64, bytes.length - at));
    switch (random(9)) {
      case 0: bytes[at] = random(256); break;
      case 1: bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8)); break;
      case 2: bytes = bytes.subarray(0, at); break;
      case 3: bytes.fill(random(2) === 0 ? 0 : 255, at, at + length); break;
      case 4: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]); break;
      case 5: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(bytes.length)).subarray(0, length), bytes.subarray(at)]); break;
      // Headers are where the lies that matter are told, and ends: archives keep their directory there.
      case 6: bytes.writeUInt8(random(256), random(Math.min(bytes.length, 256))); break;
      case 7: bytes.writeUInt8(random(256), bytes.length - 1 - random(Math.min(bytes.length, 1024))); break;
      case 8: bytes = withLargeNumber(bytes, random); break;
    }
  }
  return bytes;
}

/** A length, count or offset that is far too large: as decimal digits where there are some, else as eight bytes. */
function withLargeNumber(bytes: Buffer, random: Random): Buffer {
  const from = random(bytes.length);
  const digits = /\d+/.exec(bytes.subarray(from, from + 200).toString('latin1'));
  if (digits !== null) {
    const at = from + digits.index;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(String(2 ** random(64))), bytes.subarray(at + digits[0].length)]);
  }
  if (bytes.length < 8) return bytes;
  bytes.writeBigUInt64LE(1n << BigInt(random(64)), random(bytes.length - 7));
  return bytes;
}
