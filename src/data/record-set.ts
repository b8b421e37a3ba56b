/** Record numbers sorted and without repetition. */
export function recordSet(records: Iterable<number>): Uint32Array {
  return Uint32Array.from(new Set(records)).sort();
}
