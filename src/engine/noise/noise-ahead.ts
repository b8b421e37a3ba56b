import { UserError } from '../../error';
import { Thread } from '../thread';
import type { NoiseStream } from './noise-source';
import { noiseWorker } from './noise-worker.generated';

/** Milliseconds after which a thread that has not answered is taken for stuck; it draws a billion normals in a few seconds. */
const usualPatience = 120_000;

export interface NoiseAheadOptions {
  /** Whether the next vector is drawn while the last one is in use, into a buffer of its own: twice the memory, and nobody waits for it. */
  readonly twice?: boolean;
  /** For tests: the source of another thread, and the milliseconds that it may take. */
  readonly script?: string;
  readonly patience?: number;
}

/**
 * Draws noise on a thread of its own while the caller computes. Buffers are transferred to and fro: the thread has one while it draws, the caller
 * while it uses what was drawn, and whoever has given one away holds an empty array. Draws are numbered, and only the answer to the one under way
 * counts. So no noise can be used twice or before it is complete. Whatever goes wrong with the thread ends the stream for good: there is no second
 * attempt and no other source.
 */
export class NoiseAhead implements NoiseStream {
  private readonly length: number;
  private readonly twice: boolean;
  private readonly thread: Thread<ArrayBuffer, unknown>;
  /** The buffers on this side, the one that has been here longest first. */
  private readonly here: Float32Array<ArrayBuffer>[];
  /** The vector that is drawn although nobody has asked for it yet. */
  private coming: Promise<Float32Array> | undefined;
  private closed = false;

  constructor(length: number, { twice = false, script = noiseWorker, patience = usualPatience }: NoiseAheadOptions = {}) {
    this.length = length;
    this.twice = twice;
    this.here = Array.from({ length: twice ? 2 : 1 }, () => new Float32Array(length));
    this.thread = new Thread(script, { patience, failure: (reason) => new UserError('noise-failed', `the noise generator stopped: ${reason}.`, { remedy: 'Nothing was released. Run it again.' }) });
  }

  /** Rejects with `UserError` `noise-failed` where the thread died, hangs or answered with anything but one full buffer. */
  next(): Promise<Float32Array> {
    const vector = this.coming ?? this.draw();
    this.coming = undefined;
    if (this.twice) void vector.then(() => void (this.coming = this.closed ? undefined : this.draw()), () => undefined);
    return vector;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.coming = undefined;
    await this.thread.close();
    for (const vector of this.here.splice(0)) vector.fill(0);
  }

  private draw(): Promise<Float32Array> {
    const [oldest] = this.here;
    const answer = oldest === undefined ? this.thread.ask(new ArrayBuffer(0), []) : this.thread.ask(oldest.buffer, [oldest.buffer]);
    if (oldest?.length === 0) this.here.shift();
    const vector = answer.then((content) => this.receive(content));
    vector.catch(() => undefined);
    return vector;
  }

  private receive(buffer: unknown): Float32Array {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== 4 * this.length) throw this.thread.fail('its thread handed over something that was not asked for');
    const vector = new Float32Array(buffer);
    this.here.push(vector);
    return vector;
  }
}
