/** Whole numbers beyond this are not all held by float32, which records are given as. */
export const largestWord = 2 ** 24;

/** Counts whole numbers, as Keras's IntegerLookup does when it is adapted (keras/src/layers/preprocessing/index_lookup.py). */
export class WordCount {
  readonly #counts = new Map<number, number>();

  add(values: Float32Array): void {
    for (const value of values) {
      const word = Math.trunc(value) + 0;
      this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    }
  }

  /**
   * The commonest words, those that are equally common from the largest down. Layers behind a vocabulary count on its size: where fewer words are left,
   * the other places go to numbers from −2²⁴ up, which stand for nothing.
   * @param size of the vocabulary
   * @param others words that stand for something else, and never for themselves
   */
  commonest(size: number, others: readonly number[]): Float32Array {
    const words = [...this.#counts].filter(([word]) => !others.includes(word)).sort(([a, as], [b, bs]) => bs - as || b - a).map(([word]) => word).slice(0, size);
    const taken = new Set([...words, ...others]);
    for (let word = -largestWord; words.length < size; word += 1) if (!taken.has(word)) words.push(word);
    return Float32Array.from(words);
  }
}
