import { parentPort } from 'node:worker_threads';
import type { Reply, Task } from './task';
import { Worker } from './worker';

/** A thread: tasks come in, replies go out, in order. Bundled into `stream-worker.generated.ts` as text, which needs no file beside the program. */
const worker = new Worker();
parentPort?.on('message', (task: Task) => {
  let reply: Reply;
  try {
    reply = { result: worker.do(task) };
  } catch (error) {
    reply = { failure: error instanceof Error ? error : new Error(String(error)) };
  }
  parentPort?.postMessage(reply);
});
