/** Where noise comes from. There is no seed to give and no key to keep: what was drawn cannot be drawn again. */
export interface NoiseSource {
  /** Fills the array with independent standard normals, new ones at every call. */
  fill(into: Float32Array): void;
}

/** Vectors of standard normals of one length, each for one use. */
export interface NoiseStream {
  /** The next vector. The one before is given up: it must not be read again. */
  next(): Float32Array | Promise<Float32Array>;
  /** Leaves no noise in memory. Nothing more comes after it. */
  close(): Promise<void>;
}

/** Throws unless there is a normal for every coordinate, or none is needed: a step must not pass with less noise than it is recorded with. */
export function requireNoise(noise: Float32Array, sigma: number, coordinates: number): void {
  if (sigma > 0 && noise.length !== coordinates) throw new RangeError(`${coordinates} coordinates need as many normals, not ${noise.length}`);
}
