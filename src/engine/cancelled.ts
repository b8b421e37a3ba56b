import { setImmediate as macrotask } from 'node:timers/promises';
import { UserError } from '../error';

/** Throws `UserError` `cancelled` once the signal is aborted. */
export function stopIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new UserError('cancelled', 'the run was cancelled.', { remedy: 'Nothing was changed; run it again at any time.' });
}

/** Lets messages in (a cancellation among them) at most every 20 ms; steps of some engines never leave the event loop by themselves. */
export function breather(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last > 20) {
      await macrotask();
      last = performance.now();
    }
    stopIfCancelled(signal);
  };
}
