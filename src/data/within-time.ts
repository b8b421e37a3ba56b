import { createContext, Script } from 'node:vm';

/** Work took longer than it may. */
export class TooSlow extends Error {}

const call = new Script('work()');

/**
 * Runs work that does not yield, and stops it when its time is over: for what follows from a stranger's file, such as its regular
 * expressions, which may take for ever on some text. What the work has changed by then is of no use.
 * @param milliseconds more than 0
 * @throws TooSlow, and whatever the work throws.
 */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  let result: { readonly value: T } | undefined;
  const context = createContext({ work: () => void (result = { value: work() }) });
  try {
    call.runInContext(context, { timeout: Math.max(1, Math.ceil(milliseconds)) });
  } catch (cause) {
    // The error comes from the other context, whose Error is another one.
    if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new TooSlow('', { cause });
    throw cause;
  }
  if (result === undefined) throw new TypeError('the work was not done');
  return result.value;
}
