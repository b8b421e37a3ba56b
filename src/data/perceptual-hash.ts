const side = 8;

/** Height, width and channels of an image; a shape of two is grey. Colours may be first or last: the smaller end counts as channels. */
function layoutOf(shape: readonly number[]): { readonly height: number; readonly width: number; readonly channels: number; readonly channelsFirst: boolean } {
  const [a = 1, b = 1, c = 1] = shape;
  if (shape.length < 2 || shape.length > 3) throw new RangeError(`a shape of ${shape.length} dimensions is not that of an image`);
  const channelsFirst = shape.length === 3 && a < c;
  return channelsFirst ? { height: b, width: c, channels: a, channelsFirst } : { height: a, width: b, channels: c, channelsFirst };
}

/** Mean brightness of each of 8 × 8 cells; pixels on the edge of two cells count in the one where they begin. */
function shrink(pixels: Float32Array, shape: readonly number[]): Float64Array {
  const { height, width, channels, channelsFirst } = layoutOf(shape);
  const sums = new Float64Array(side * side);
  const counts = new Float64Array(side * side);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const cell = Math.floor((row * side) / height) * side + Math.floor((column * side) / width);
      for (let channel = 0; channel < channels; channel++) {
        const index = channelsFirst ? (channel * height + row) * width + column : (row * width + column) * channels + channel;
        sums[cell] = (sums[cell] ?? 0) + (pixels[index] ?? 0);
        counts[cell] = (counts[cell] ?? 0) + 1;
      }
    }
  }
  return sums.map((sum, cell) => ((counts[cell] ?? 0) === 0 ? 0 : sum / (counts[cell] ?? 1)));
}

/**
 * Average hash of an image, as two times 32 bits: one bit for each of 8 × 8 cells, 1 where it is brighter than the mean of all.
 * Stays nearly the same under rescaling, brightness, contrast, and lossy compression.
 * @param shape [height, width], [height, width, channels] or [channels, height, width].
 */
export function averageHash(pixels: Float32Array, shape: readonly number[]): Uint32Array {
  const cells = shrink(pixels, shape);
  const mean = cells.reduce((sum, value) => sum + value, 0) / cells.length;
  const hash = new Uint32Array(2);
  cells.forEach((value, cell) => {
    if (value > mean) hash[cell >> 5] = (hash[cell >> 5] ?? 0) | (1 << (cell & 31));
  });
  return hash;
}

function bitCount(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** In how many bits two hashes differ: 0 to 64. */
export function hammingDistance(a: Uint32Array, b: Uint32Array): number {
  return bitCount((a[0] ?? 0) ^ (b[0] ?? 0)) + bitCount((a[1] ?? 0) ^ (b[1] ?? 0));
}
