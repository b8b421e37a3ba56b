import { availableParallelism } from 'node:os';
import { CryptographicNoise } from './cryptographic-noise';
import { NoiseAhead } from './noise-ahead';
import type { NoiseSource, NoiseStream } from './noise-source';

/** Coordinates from which a thread of its own pays: drawing them takes 50 µs, handing a vector over 12 (docs/engines.md, "Noise"). */
const worthAThread = 32_768;

/** Vectors of `length` from a source: drawn beside the caller's work where they are long, at the call where they are short. */
export function noiseStream(source: NoiseSource, length: number): NoiseStream {
  const apart = source instanceof CryptographicNoise && length >= worthAThread && availableParallelism() > 1;
  return apart ? new NoiseAhead(length) : new NoiseAtCall(source, length);
}

class NoiseAtCall implements NoiseStream {
  private readonly source: NoiseSource;
  private readonly vector: Float32Array;

  constructor(source: NoiseSource, length: number) {
    this.source = source;
    this.vector = new Float32Array(length);
  }

  next(): Float32Array {
    this.source.fill(this.vector);
    return this.vector;
  }

  close(): Promise<void> {
    this.vector.fill(0);
    return Promise.resolve();
  }
}
