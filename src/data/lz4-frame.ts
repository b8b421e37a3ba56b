/** Bytes that grow as they are written, with an end that matches may be copied from. */
class Output {
  private bytes: Uint8Array<ArrayBuffer>;
  private length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  append(part: Uint8Array): void {
    this.reserve(part.length);
    this.bytes.set(part, this.length);
    this.length += part.length;
  }

  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) throw new RangeError('LZ4: a match from before the beginning.');
    this.reserve(count);
    // A match may overlap what it writes; so many bytes at a time are there already.
    for (let left = count; left > 0;) {
      const step = Math.min(left, distance);
      this.bytes.copyWithin(this.length, this.length - distance, this.length - distance + step);
      this.length += step;
      left -= step;
    }
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError('LZ4: cut off.');
  return byte;
}

function take(bytes: Uint8Array, at: number, count: number): Uint8Array {
  if (at + count > bytes.length) throw new RangeError('LZ4: cut off.');
  return bytes.subarray(at, at + count);
}

function decodeBlock(block: Uint8Array, output: Output): void {
  let at = 0;
  /** A length of 15 goes on in further bytes, up to the first that is not 255. */
  const extend = (length: number): number => {
    let total = length;
    if (length === 15) {
      let byte: number;
      do {
        byte = byteAt(block, at++);
        total += byte;
      } while (byte === 255);
    }
    return total;
  };
  for (;;) {
    const token = byteAt(block, at++);
    const literals = extend(token >> 4);
    output.append(take(block, at, literals));
    at += literals;
    if (at === block.length) return; // the last sequence has no match
    const distance = byteAt(block, at) + 256 * byteAt(block, at + 1);
    at += 2;
    output.repeat(distance, extend(token & 15) + 4);
  }
}

/**
 * Decompresses one LZ4 frame (LZ4 Frame Format 1.6.x, LZ4 Block Format), checksums left unread.
 * @throws RangeError for bytes that are no frame, or a cut-off one.
 */
export function decodeLz4Frame(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = byteAt(frame, 4);
  if (view.getUint32(0, true) !== 0x184d2204 || flags >> 6 !== 1 || (flags & 1) !== 0) throw new RangeError('LZ4: not a frame without dictionary.');
  const blockChecksum = (flags & 0x10) === 0 ? 0 : 4;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8);
  const output = new Output(4 * frame.length);
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return output.finish();
    const block = take(frame, at, size & 0x7fffffff);
    if (size >>> 31 === 1) output.append(block);
    else decodeBlock(block, output);
    at += block.length + blockChecksum;
  }
}
