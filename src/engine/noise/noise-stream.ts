import { availableParallelism } from 'node:os';
import { CryptographicNoise } from './cryptographic-noise';
import { NoiseAhead } from './noise-ahead';
import { NoiseInBlocks } from './noise-in-blocks';
import type { NoiseSource, NoiseStream } from './noise-source';

/** Normals, in all, from which a thread of its own pays: drawing them takes about as long as starting the thread, 30 ms (docs/engines.md, "Noise"). */
const worthAThread = 1 << 24;
/** Normals that are handed over at once at least: a vector of their number takes half a millisecond to draw, handing it over 12 µs. */
const worthHanding = 1 << 18;

/** `count` vectors of `length` from a source: drawn beside the caller's work where they are many, at the call where they are few. */
export function noiseStream(source: NoiseSource, length: number, count: number): NoiseStream {
  if (!(source instanceof CryptographicNoise) || length * count < worthAThread || availableParallelism() === 1) return new NoiseAtCall(source, length);
  const together = Math.min(count, Math.floor(worthHanding / length));
  return together > 1 ? new NoiseInBlocks(length, together) : new NoiseAhead(length);
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
