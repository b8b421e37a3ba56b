/** Where noise comes from. There is no seed to give and no key to keep: what was drawn cannot be drawn again. */
export interface NoiseSource {
  /** Fills the array with independent standard normals, new ones at every call. */
  fill(into: Float32Array): void;
}
