/** Which end of a list of tokens is meant. */
export type Side = 'start' | 'end';

/** How text becomes numbers: a count for each token, 1 or 0 for each token, or the numbers of the tokens in their order. */
export type TextEncoding = 'counts' | 'binary' | 'tokens';

/** Something that knows a text as the numbers of its tokens. */
export interface TokenNumbers {
  /** One more than the largest number. */
  readonly size: number;
  /** Where the filling goes that brings texts to one length, and its number. */
  readonly padding: { readonly side: Side; readonly number: number };
  /** The end at which what is too much is cut off. */
  readonly cut: Side;
  /**
   * The numbers of the tokens of a text, in their order.
   * @param most Cut to this many.
   */
  numbersOf(text: string, most?: { readonly length: number; readonly cut: Side }): readonly number[];
}

export interface EncodeOptions {
  readonly padding?: Side | undefined;
  readonly cut?: Side | undefined;
}

/** What is left of a list that is cut at one end. */
export function cutTo<T>(list: readonly T[], length: number, cut: Side): readonly T[] {
  return cut === 'end' ? list.slice(0, length) : list.slice(Math.max(0, list.length - length));
}

/** Writes a text into zeroed places: `size` of them (`counts`, `binary`), or as many as there are tokens to read (`tokens`). */
export function encodeText(tokens: TokenNumbers, text: string, encoding: TextEncoding, target: Float32Array, options: EncodeOptions = {}): void {
  if (encoding !== 'tokens') {
    for (const number of tokens.numbersOf(text)) target[number] = encoding === 'binary' ? 1 : (target[number] ?? 0) + 1;
    return;
  }
  const numbers = tokens.numbersOf(text, { length: target.length, cut: options.cut ?? tokens.cut });
  if (numbers.length < target.length) target.fill(tokens.padding.number);
  target.set(numbers, (options.padding ?? tokens.padding.side) === 'end' ? 0 : target.length - numbers.length);
}
