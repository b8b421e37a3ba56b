const collection = Buffer.from('GCOL\u0001\0\0\0');

/**
 * Whether every global heap of an HDF5 file can be walked. The library walks them object by object by the sizes that it finds there,
 * and a free object of size zero keeps it walking for ever: a damaged file would hang the program.
 * Layout: HDF5 File Format Specification 3.0, section III.E.
 */
export function heapsAreSound(bytes: Uint8Array): boolean {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = haystack.indexOf(collection); at >= 0; at = haystack.indexOf(collection, at + 1)) {
    if (!isSound(haystack, at)) return false;
  }
  return true;
}

function isSound(bytes: Buffer, start: number): boolean {
  if (start + 16 > bytes.length) return false;
  const end = start + Number(bytes.readBigUInt64LE(start + 8));
  if (end > bytes.length) return false;
  let at = start + 16;
  while (at + 16 <= end) {
    const index = bytes.readUInt16LE(at);
    const size = Number(bytes.readBigUInt64LE(at + 8));
    // Free space, index 0, counts its own header; an object does not, and is padded to eight bytes.
    if (index === 0 && size < 16) return false;
    at += index === 0 ? size : 16 + 8 * Math.ceil(size / 8);
  }
  return at <= end;
}
