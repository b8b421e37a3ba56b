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
