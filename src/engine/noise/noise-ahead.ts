import { UserError } from '../../error';
import { Thread } from '../thread';
import type { NoiseStream } from './noise-source';
import { noiseWorker } from './noise-worker.generated';

/** Milliseconds after which a thread that has not answered is taken for stuck; it draws a billion normals in a few seconds. */
const usualPatience = 120_000;

/**
 * Draws noise on a thread of its own while the caller computes. There is one buffer, and it is transferred to and fro: the thread has it while
 * it draws, the caller while it uses what was drawn, and whoever has given it away holds an empty array. Draws are numbered, and only the
 * answer to the one under way counts. So no noise can be used twice or before it is complete. Whatever goes wrong with the thread ends the
 * stream for good: there is no second attempt and no other source.
 */
export class NoiseAhead implements NoiseStream {
  private readonly length: number;
  private readonly thread: Thread<ArrayBuffer, unknown>;
  /** The buffer while it is here; undefined while the thread has it. */
  private vector: Float32Array<ArrayBuffer> | undefined;

  /** `script` and `patience` are for tests: the source of another thread, and the milliseconds it may take. */
  constructor(length: number, script: string = noiseWorker, patience: number = usualPatience) {
    this.length = length;
    this.vector = new Float32Array(length);
    this.thread = new Thread(script, { patience, failure: (reason) => new UserError('noise-failed', `the noise generator stopped: ${reason}.`, { remedy: 'Nothing was released. Run it again.' }) });
  }

  /** Rejects with `UserError` `noise-failed` where the thread died, hangs or answered with anything but one full buffer. */
  next(): Promise<Float32Array> {
    const buffer = this.vector?.buffer;
    this.vector = undefined;
    const answer = buffer === undefined ? this.thread.ask(new ArrayBuffer(0), []) : this.thread.ask(buffer, [buffer]);
    const vector = answer.then((content) => this.receive(content));
    vector.catch(() => undefined);
    return vector;
  }

  async close(): Promise<void> {
    await this.thread.close();
    this.vector?.fill(0);
    this.vector = undefined;
  }

  private receive(buffer: unknown): Float32Array {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== 4 * this.length) throw this.thread.fail('its thread handed over something that was not asked for');
    return (this.vector = new Float32Array(buffer));
  }
}
