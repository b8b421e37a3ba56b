import { parentPort } from 'node:worker_threads';
import type { Exchange } from '../thread';
import { CryptographicNoise } from './cryptographic-noise';

/**
 * The thread that draws noise: every buffer that comes is filled with new standard normals and handed back. Buffers are transferred, not
 * shared, so only one thread can ever reach one. Bundled into `noise-worker.generated.ts` as text, which needs no file beside the program.
 */
const source = new CryptographicNoise();
const port = parentPort;

port?.on('message', ({ number, content }: Exchange<ArrayBuffer>) => {
  source.fill(new Float32Array(content));
  port.postMessage({ number, content } satisfies Exchange<ArrayBuffer>, [content]);
});
