import type { NoisyStep } from '../engine';
import { requireNoise } from './noise-source';
import { noisyStepModule } from './noisy-step.generated';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  sumOfSquares(pointer: number, count: number): number;
  addScaled(total: number, part: number, count: number, weight: number): void;
  noisyStep(x: number, gradient: number, noise: number, centre: number, count: number, pull: number, rate: number, sigma: number): void;
}

const page = 65536;
/** Behind the module's own static data. */
const start = 1024;
/** Coordinates that a step takes at a time, so that the noise passes through the processor's cache. */
const chunk = 4096;
const padded = (count: number): number => Math.ceil(count / 16) * 16;

/** x and its gradient in the memory of a WebAssembly module that makes noisy steps. An engine reads x and writes the gradient in place. */
export class FlatState {
  readonly x: Float32Array;
  readonly gradient: Float32Array;
  /** The gradient of a part of a batch, where batches are taken in parts; else the gradient itself. */
  readonly part: Float32Array;
  private readonly kernel: Kernel;
  private readonly noise: Float32Array;
  private readonly pointers: { readonly x: number; readonly gradient: number; readonly part: number; readonly noise: number; readonly centre: number };

  /** The centre is the origin unless given. `inParts` makes room for the gradient of a part of a batch. */
  constructor(dimension: number, centre: Float32Array | undefined, inParts = false) {
    const kernel = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(noisyStepModule, 'base64'))).exports as unknown as Kernel;
    const vector = padded(dimension) * 4;
    const x = start + chunk * 4;
    const gradient = x + vector;
    const part = inParts ? gradient + vector : gradient;
    const total = part + vector * (centre === undefined ? 1 : 2);
    kernel.memory.grow(Math.max(0, Math.ceil(total / page) - kernel.memory.buffer.byteLength / page));
    const { buffer } = kernel.memory;
    this.kernel = kernel;
    this.pointers = { noise: start, x, gradient, part, centre: centre === undefined ? 0 : part + vector };
    this.x = new Float32Array(buffer, this.pointers.x, dimension);
    this.gradient = new Float32Array(buffer, this.pointers.gradient, dimension);
    this.part = new Float32Array(buffer, part, dimension);
    this.noise = new Float32Array(buffer, this.pointers.noise, chunk);
    if (centre !== undefined) new Float32Array(buffer, this.pointers.centre, dimension).set(centre);
  }

  /** g ← g + w·(gradient of the part). */
  addPart(weight: number): void {
    this.kernel.addScaled(this.pointers.gradient, this.pointers.part, padded(this.gradient.length), weight);
  }

  /** ‖g‖₂, summed in float64. */
  gradientNorm(): number {
    return Math.sqrt(this.kernel.sumOfSquares(this.pointers.gradient, padded(this.gradient.length)));
  }

  /**
   * x ← x − γ(Π_{C1}(g) + λ(x − c)) + σ·noise, each coordinate in float32. The pull is x − γλ(x − c), not (1 − γλ)x: rounding γλ to float32
   * changes the contraction far less than rounding 1 − γλ would.
   */
  step({ learningRate, decay, gradientRadius, sigma, noise }: NoisyStep, gradientNorm: number): void {
    requireNoise(noise, sigma, this.x.length);
    const { pointers, kernel } = this;
    const rate = learningRate * (gradientNorm > gradientRadius ? gradientRadius / gradientNorm : 1);
    for (let from = 0; from < this.x.length; from += chunk) {
      const part = noise.subarray(from, from + chunk);
      this.noise.set(part);
      this.noise.fill(0, part.length);
      const count = Math.min(chunk, padded(this.x.length - from));
      kernel.noisyStep(pointers.x + 4 * from, pointers.gradient + 4 * from, pointers.noise, pointers.centre === 0 ? 0 : pointers.centre + 4 * from, count, learningRate * decay, rate, sigma);
    }
    this.noise.fill(0);
  }
}
