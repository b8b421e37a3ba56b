/** An IDX file. Type 8 is unsigned bytes, 13 float32. */
export function idx(type: 8 | 9 | 11 | 12 | 13 | 14, shape: readonly number[], values: readonly number[]): Uint8Array {
  const sizes = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };
  const bytes = new Uint8Array(4 + 4 * shape.length + sizes[type] * values.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  values.forEach((value, index) => {
    const offset = 4 + 4 * shape.length + sizes[type] * index;
    const write: Record<typeof type, () => void> = {
      8: () => view.setUint8(offset, value),
      9: () => view.setInt8(offset, value),
      11: () => view.setInt16(offset, value),
      12: () => view.setInt32(offset, value),
      13: () => view.setFloat32(offset, value),
      14: () => view.setFloat64(offset, value),
    };
    write[type]();
  });
  return bytes;
}

/** An NPY file of version 1 with the given description and element bytes. */
export function npy(descr: string, shape: readonly number[], data: ArrayBufferView, fortran = false): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0] ?? 0},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const header = dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11) + '\n';
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return new Uint8Array(Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header, 'latin1'), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]));
}
