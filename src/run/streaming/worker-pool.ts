import { Worker } from 'node:worker_threads';
import { streamWorker } from './stream-worker.generated';
import type { Reply, Task, TaskResult } from './task';

interface Waiting {
  readonly task: Task;
  readonly resolve: (result: TaskResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Handed over and not yet answered, oldest first. */
  readonly pending: Waiting[];
}

/** One task in work, and some at hand so that the thread need not wait for the next. */
const ahead = 4;

/** How many tasks a thread has, or as good as has: behind the digest of a whole file a short task would wait too long. */
function load({ pending }: Thread): number {
  return pending.some(({ task }) => task.kind === 'digest') ? ahead : pending.length;
}

/** Threads that do tasks in the order in which they are given, unless asked to do one next. After a failure, or once disposed of, it does nothing more. */
export class WorkerPool {
  private readonly threads: readonly Thread[];
  private readonly queue: Waiting[] = [];
  private next = 0;
  private ended: Error | undefined;

  constructor(size: number) {
    this.threads = Array.from({ length: size }, () => {
      // Options and environment of this process (a loader, a debugger) are none of the threads' business.
      const thread: Thread = { worker: new Worker(streamWorker, { eval: true, execArgv: [], env: {} }), pending: [] };
      thread.worker.on('message', (reply: Reply) => this.settle(thread, reply));
      thread.worker.on('error', (error) => this.end(error));
      return thread;
    });
  }

  run(task: Task): Promise<TaskResult> {
    return this.enter(task, (waiting) => this.queue.push(waiting));
  }

  /** Before whatever waits for a thread. */
  runNext(task: Task): Promise<TaskResult> {
    return this.enter(task, (waiting) => this.queue.splice(this.next, 0, waiting));
  }

  /** Stops all threads where they are; what is still to be done is rejected with `reason`. */
  async dispose(reason: unknown = new Error('the pool of threads was disposed of')): Promise<void> {
    this.end(reason);
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private enter(task: Task, queue: (waiting: Waiting) => void): Promise<TaskResult> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(this.ended);
        return;
      }
      queue({ task, resolve, reject });
      this.handOut();
    });
  }

  private settle(thread: Thread, reply: Reply): void {
    const done = thread.pending.shift();
    if ('failure' in reply) {
      done?.reject(reply.failure);
      this.end(reply.failure);
      return;
    }
    done?.resolve(reply.result);
    this.handOut();
  }

  private handOut(): void {
    for (let depth = 1; depth <= ahead; depth += 1) {
      for (const thread of this.threads) {
        const waiting = load(thread) < depth ? this.queue[this.next] : undefined;
        if (waiting === undefined) continue;
        this.next += 1;
        thread.pending.push(waiting);
        thread.worker.postMessage(waiting.task);
      }
    }
  }

  private end(reason: unknown): void {
    if (this.ended !== undefined) return;
    const ended = reason instanceof Error ? reason : new Error(String(reason));
    this.ended = ended;
    const left = [...this.threads.flatMap(({ pending }) => pending.splice(0)), ...this.queue.slice(this.next)];
    for (const { reject } of left) reject(ended);
    for (const { worker } of this.threads) void worker.terminate();
  }
}
