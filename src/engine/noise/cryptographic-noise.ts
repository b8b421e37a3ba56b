import { randomFillSync } from 'node:crypto';
import { boxMullerModule } from './box-muller.generated';
import type { NoiseSource } from './noise-source';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  normals(pointer: number, count: number): void;
}

/** Words that one call turns into normals: large enough to hide the cost of asking the generator, small enough to stay in cache. */
const chunk = 16384;
/** Behind the module's own static data. */
const start = 65536;

/** Standard normals from the operating system's cryptographic generator: random words, then Box–Muller in WebAssembly. */
export class CryptographicNoise implements NoiseSource {
  private readonly kernel: Kernel;
  private readonly words: Uint8Array;
  private readonly samples: Float32Array;

  constructor() {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(boxMullerModule, 'base64')));
    this.kernel = instance.exports as unknown as Kernel;
    this.words = new Uint8Array(this.kernel.memory.buffer, start, chunk * 4);
    this.samples = new Float32Array(this.kernel.memory.buffer, start, chunk);
  }

  fill(into: Float32Array): void {
    for (let done = 0; done < into.length; done += chunk) {
      const wanted = Math.min(chunk, into.length - done);
      const drawn = Math.ceil(wanted / 8) * 8;
      randomFillSync(this.words, 0, drawn * 4);
      this.kernel.normals(start, drawn);
      into.set(wanted === chunk ? this.samples : this.samples.subarray(0, wanted), done);
    }
    // What is left here could be subtracted from the last step's parameters.
    this.words.fill(0);
  }
}
