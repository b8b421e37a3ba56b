import { parentPort } from 'node:worker_threads';
import { CryptographicNoise } from './cryptographic-noise';

/** What goes to and fro: the number of the draw and the buffer, transferred with it. */
export interface Exchange {
  readonly draw: number;
  readonly buffer: ArrayBuffer;
}

/**
 * The thread that draws noise: every buffer that comes is filled with new standard normals and handed back. Buffers are transferred, not
 * shared, so only one thread can ever reach one. Bundled into `noise-worker.generated.ts` as text, which needs no file beside the program.
 */
const source = new CryptographicNoise();
const port = parentPort;

port?.on('message', ({ draw, buffer }: Exchange) => {
  source.fill(new Float32Array(buffer));
  port.postMessage({ draw, buffer } satisfies Exchange, [buffer]);
});
