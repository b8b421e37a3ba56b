import { AsyncLocalStorage } from 'node:async_hooks';
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UserError } from './error';

/**
 * The files that a piece of work reads, as they were when it first opened each. What a certificate says of a file must be of the bytes that were
 * used, and a file may be opened several times: for its records, for whom to forget, for a digest.
 */
interface InputFiles {
  readonly states: Map<string, string>;
  /** Read once and for all: what becomes of them later changes nothing. */
  readonly settled: Set<string>;
}

/** Which work reads a file is known to no reader of files, and nobody can forget to hand it on. */
const current = new AsyncLocalStorage<InputFiles>();

/** Does work whose input files are kept in mind. */
export function withInputFiles<Result>(work: () => Promise<Result>): Promise<Result> {
  return current.run({ states: new Map(), settled: new Set() }, work);
}

/**
 * To be called by whoever is about to read a file of the user's, with its state before the first byte is read. Nothing happens outside `withInputFiles`.
 * @param settled The file is read in one go, once, and what was read is what is used.
 */
export function noteInput(path: string, status: BigIntStats, settled = false): void {
  const store = current.getStore();
  if (store === undefined) return;
  if (settled) store.settled.add(path);
  if (!store.states.has(path)) store.states.set(path, stateOf(status));
}

/**
 * What has been read is still what is there: only then do digests, commitments and gradients speak of the same bytes.
 * @throws UserError `input-changed`; RangeError outside `withInputFiles`
 */
export async function requireInputsUnchanged(): Promise<void> {
  const { states, settled } = inputs();
  for (const [path, before] of states) {
    if (settled.has(path)) continue;
    const now = await stat(path, { bigint: true }).then(stateOf, () => undefined);
    if (now !== before) throw new UserError('input-changed', 'was changed while the run read it, so nothing can be said of what was used; nothing was released.', { file: path, remedy: 'Run again when nothing writes to it.' });
  }
}

/**
 * None of the paths leads to a file that is read, by whatever name: a result must not replace what it was made from.
 * @throws UserError `output-is-input`; RangeError outside `withInputFiles`
 */
export async function requireNoInputAmong(destinations: readonly string[]): Promise<void> {
  const read = new Set(Array.from(inputs().states.values(), identityIn));
  for (const path of destinations) {
    const there = await stat(path, { bigint: true }).then(stateOf, () => undefined);
    if (there !== undefined && read.has(identityIn(there))) {
      throw new UserError('output-is-input', 'the result would replace a file that the run reads', { file: path, remedy: 'Choose another path for "output" or "certificate"; no input is ever changed.' });
    }
  }
}

function inputs(): InputFiles {
  const store = current.getStore();
  if (store === undefined) throw new RangeError('nobody keeps the input files in mind here');
  return store;
}

/** Which file it is, its size, and when its content was last changed. */
function stateOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join();
}

/** Device and number: the same file under every name. */
function identityIn(state: string): string {
  return state.split(',').slice(0, 2).join();
}
