import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';

/** What goes to and fro: every answer carries the number of its question. */
export interface Exchange<T> {
  readonly number: number;
  readonly content: T;
}

export interface ThreadOptions {
  /** What the script finds as `workerData`. */
  readonly data?: unknown;
  /**
   * Milliseconds after which a thread that has not answered is taken for stuck and may be ended where it is. It may take any time unless given:
   * a thread that runs native code must not be ended in the middle of it, which can end the whole process.
   */
  readonly patience?: number;
  /** Makes the error for a thread that failed, from what happened to it. */
  readonly failure: (reason: string) => Error;
}

interface Question<Answer> {
  readonly number: number;
  readonly promise: Promise<Answer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Milliseconds that closing waits at most for a thread that may be stuck. */
const grace = 5000;

/**
 * A thread that answers one question after another, started from the text of a script. Questions are numbered, and only the answer to the one
 * under way counts. Whatever goes wrong with the thread ends it for good: all further questions are refused.
 */
export class Thread<Ask, Answer> {
  private readonly worker: Worker;
  private readonly options: ThreadOptions;
  private question: Question<Answer> | undefined;
  private asked = 0;
  private failed: Error | undefined;

  constructor(script: string, options: ThreadOptions) {
    this.options = options;
    // Options and environment of this process (a loader, a debugger) are none of the thread's business.
    this.worker = new Worker(script, { eval: true, execArgv: [], env: {}, workerData: options.data });
    this.worker.on('message', (answer: unknown) => this.receive(answer));
    this.worker.on('error', (error) => void this.fail(error instanceof Error ? error.message : String(error)));
    this.worker.on('messageerror', (error) => void this.fail(error.message));
    this.worker.on('exit', () => void this.fail('its thread ended'));
  }

  /** Rejects with the options' failure where the thread died, hangs, or answered what was not asked. */
  ask(content: Ask, transfer: readonly Transferable[]): Promise<Answer> {
    if (this.question !== undefined) return Promise.reject(new RangeError('the question before has not been answered yet'));
    if (this.failed !== undefined) return Promise.reject(this.failed);
    const settle = settleable<Answer>();
    // Who asks ahead may fail for another reason before waiting for the answer.
    settle.promise.catch(() => undefined);
    const { patience } = this.options;
    this.question = { ...settle, number: ++this.asked, timer: patience === undefined ? undefined : setTimeout(() => this.suspect(), patience) };
    this.worker.postMessage({ number: this.asked, content } satisfies Exchange<Ask>, transfer);
    return settle.promise;
  }

  /** Lets the question under way be answered, unless the thread may be stuck and takes too long, and ends the thread. */
  async close(): Promise<void> {
    const { patience } = this.options;
    const answered = this.question?.promise.then(() => undefined, () => undefined);
    await (patience === undefined ? answered : Promise.race([answered, after(Math.min(grace, patience), undefined, { ref: false })]));
    this.fail('it was closed');
    await this.worker.terminate();
  }

  /** Refuses all further questions, for a reason that the thread's user found in an answer; returns the error. */
  fail(reason: string): Error {
    const error = (this.failed ??= this.options.failure(reason));
    clearTimeout(this.question?.timer);
    this.question?.reject(error);
    this.question = undefined;
    return error;
  }

  private receive(answer: unknown): void {
    const { question } = this;
    const { number, content } = (answer ?? {}) as Partial<Exchange<Answer>>;
    if (question === undefined || number !== question.number || content === undefined) {
      this.fail('its thread handed over something that was not asked for');
      return;
    }
    clearTimeout(question.timer);
    this.question = undefined;
    question.resolve(content);
  }

  /** The answer may already be here, behind work that kept this thread busy: it is let in before the thread is given up. */
  private suspect(): void {
    const { question } = this;
    setImmediate(() => {
      if (question !== undefined && this.question === question) this.fail(`its thread did not answer within ${(this.options.patience ?? NaN) / 1000} seconds`);
    });
  }
}

function settleable<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } {
  let settle: Omit<ReturnType<typeof settleable<T>>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => void (settle = { resolve, reject }));
  if (settle === undefined) throw new TypeError('a promise runs its executor at once');
  return { promise, ...settle };
}
