import { bytesOf, type FloatType } from '../../model/floats';
import { storedNumbersModule } from '../../engine/noise/stored-numbers.generated';
import type { NoiseSource } from '../../engine/noise/noise-source';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  sumOfSquares(pointer: number, count: number, type: number): number;
  perturb(pointer: number, noise: number, count: number, scale: number, sigma: number, type: number): number;
}

/** As the module numbers them. */
const codeOf: Readonly<Record<FloatType, number>> = { float32: 0, float64: 1, bfloat16: 2, float16: 3 };

const page = 65536;
/** Behind the module's own static data. */
const start = 1024;
/** The module reads whole vectors: up to this many bytes behind the last number. */
const slack = 64;
/** Samples of noise at a time: they stay in the processor's cache. */
const noiseChunk = 16384;

/** A buffer for stored numbers in the memory of a WebAssembly module that sums and perturbs them where they lie. */
export class NumberKernel {
  /** Where numbers are read to and written from: `capacity` bytes. */
  readonly bytes: Uint8Array;
  private readonly kernel: Kernel;
  private readonly noise: Float32Array;
  private readonly memory: Uint8Array;

  constructor(capacity: number) {
    this.kernel = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(storedNumbersModule, 'base64'))).exports as unknown as Kernel;
    const noiseStart = start + Math.ceil((capacity + slack) / 64) * 64;
    this.kernel.memory.grow(Math.max(0, Math.ceil((noiseStart + 4 * noiseChunk) / page) - this.kernel.memory.buffer.byteLength / page));
    const { buffer } = this.kernel.memory;
    this.memory = new Uint8Array(buffer);
    this.bytes = new Uint8Array(buffer, start, capacity);
    this.noise = new Float32Array(buffer, noiseStart, noiseChunk);
  }

  /** Σ v² of the first `length` bytes, in float64. Not finite exactly where one of the numbers, as float32, is not. */
  sumOfSquares(type: FloatType, length: number): number {
    this.memory.fill(0, start + length, start + length + slack);
    return this.kernel.sumOfSquares(start, length / bytesOf[type], codeOf[type]);
  }

  /**
   * x ← scale·x + sigma·z on the first `length` bytes, z standard normal: computed in float32, rounded to the nearest number of the type, ties to even.
   * @returns whether all results fit into the type
   */
  perturb(type: FloatType, length: number, scale: number, sigma: number, source: NoiseSource): boolean {
    const count = length / bytesOf[type];
    let beyond = 0;
    for (let done = 0; done < count; done += noiseChunk) {
      const part = Math.min(noiseChunk, count - done);
      source.fill(this.noise.subarray(0, part));
      beyond |= this.kernel.perturb(start + done * bytesOf[type], this.noise.byteOffset, part, scale, sigma, codeOf[type]);
    }
    // Whoever has the noise can subtract it.
    this.noise.fill(0);
    return beyond === 0;
  }
}
