import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../error';
import type { NoiseStream } from './noise-source';
import { noiseWorker } from './noise-worker.generated';
import type { Exchange } from './noise-worker';

/** Milliseconds after which a thread that has not answered is taken for stuck; it draws a billion normals in a few seconds. */
const patience = 120_000;
/** Milliseconds that closing waits for a draw under way, so that its noise can be wiped. */
const grace = 5000;

interface Draw {
  readonly number: number;
  readonly promise: Promise<Float32Array>;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Draws noise on a thread of its own while the caller computes. There is one buffer, and it is transferred to and fro: the thread has it while
 * it draws, the caller while it uses what was drawn, and whoever has given it away holds an empty array. Draws are numbered, and only the
 * answer to the one under way counts. So no noise can be used twice or before it is complete. Whatever goes wrong with the thread ends the stream for good: there is no second attempt and no other source.
 */
export class NoiseAhead implements NoiseStream {
  private readonly length: number;
  private readonly wait: number;
  private readonly worker: Worker;
  /** The buffer while it is here; undefined while the thread has it. */
  private vector: Float32Array<ArrayBuffer> | undefined;
  private draw: Draw | undefined;
  private draws = 0;
  private failure: UserError | undefined;

  /** `script` and `wait` are for tests: the source of another thread, and the milliseconds it may take. */
  constructor(length: number, script: string = noiseWorker, wait: number = patience) {
    this.length = length;
    this.wait = wait;
    this.vector = new Float32Array(length);
    // Options and environment of this process (a loader, a debugger) are none of the thread's business.
    this.worker = new Worker(script, { eval: true, execArgv: [], env: {} });
    this.worker.on('message', (answer: unknown) => this.receive(answer));
    this.worker.on('error', (error) => this.fail(error instanceof Error ? error.message : String(error)));
    this.worker.on('messageerror', (error) => this.fail(error.message));
    this.worker.on('exit', () => this.fail('its thread ended'));
  }

  /** Rejects with `UserError` `noise-failed` where the thread died, hangs or answered with anything but one full buffer. */
  next(): Promise<Float32Array> {
    if (this.draw !== undefined) return Promise.reject(new RangeError('the noise before has not come yet'));
    if (this.failure !== undefined || this.vector === undefined) return Promise.reject(this.failure ?? stopped('its buffer is gone'));
    const { promise, resolve, reject } = settleable<Float32Array>();
    // Who asks ahead may fail for another reason before waiting for the answer.
    promise.catch(() => undefined);
    this.draw = { number: ++this.draws, promise, resolve, reject, timer: setTimeout(() => this.suspect(), this.wait) };
    const { buffer } = this.vector;
    this.vector = undefined;
    this.worker.postMessage({ draw: this.draws, buffer } satisfies Exchange, [buffer]);
    return promise;
  }

  async close(): Promise<void> {
    if (this.draw !== undefined) await Promise.race([this.draw.promise.catch(() => undefined), after(Math.min(grace, this.wait), undefined, { ref: false })]);
    this.fail('it was closed');
    await this.worker.terminate();
    this.vector?.fill(0);
    this.vector = undefined;
  }

  private receive(answer: unknown): void {
    const { draw } = this;
    const { draw: number, buffer } = (answer ?? {}) as Partial<Exchange>;
    if (draw === undefined || number !== draw.number || !(buffer instanceof ArrayBuffer) || buffer.byteLength !== 4 * this.length) {
      this.fail('its thread handed over something that was not asked for');
      return;
    }
    clearTimeout(draw.timer);
    this.draw = undefined;
    this.vector = new Float32Array(buffer);
    draw.resolve(this.vector);
  }

  /** The answer may already be here, behind work that kept this thread busy: it is let in before the thread is given up. */
  private suspect(): void {
    const { draw } = this;
    setImmediate(() => {
      if (draw !== undefined && this.draw === draw) this.fail(`its thread did not answer within ${this.wait / 1000} seconds`);
    });
  }

  private fail(reason: string): void {
    this.failure ??= stopped(reason);
    if (this.draw === undefined) return;
    clearTimeout(this.draw.timer);
    this.draw.reject(this.failure);
    this.draw = undefined;
  }
}

function settleable<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } {
  let settle: Omit<ReturnType<typeof settleable<T>>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => void (settle = { resolve, reject }));
  if (settle === undefined) throw new TypeError('a promise runs its executor at once');
  return { promise, ...settle };
}

function stopped(reason: string): UserError {
  return new UserError('noise-failed', `the noise generator stopped: ${reason}.`, { remedy: 'Nothing was released. Run it again.' });
}
