import type { CountedMessage, DocumentMessage, FieldPath, FromPanel } from '../../src/protocol/panel-messages';
import { at, withValue } from './state';

/** How long the fields must be quiet before records are counted, in milliseconds. */
const settle = 250;

/** Asks whom the fields, as they stand, would forget; answers to earlier questions are dropped. */
export class Counting {
  readonly #send: (message: FromPanel) => void;
  readonly #waits: (counting: boolean) => void;
  #question = 0;
  #asked = '';
  #source: unknown;
  #forget: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param waits Told when a question begins to wait for its answer. */
  constructor(send: (message: FromPanel) => void, waits: (counting: boolean) => void) {
    this.#send = send;
    this.#waits = waits;
  }

  /** The document is what counts, and what is typed from here on. */
  follow({ value }: DocumentMessage): void {
    this.#source = at(value, ['data', 'train']);
    this.#forget = at(value, ['forget']);
    this.#ask();
  }

  /** A value that is typed and not written yet. */
  typed([part, ...path]: FieldPath, value: unknown): void {
    if (part !== 'forget') return;
    this.#forget = withValue(this.#forget ?? {}, path, value);
    this.#ask();
  }

  /** Counts once more: the files may have changed. */
  again(): void {
    this.#asked = '';
    this.#ask();
  }

  /** Whether an answer is to the last question. */
  isCurrent({ question }: CountedMessage): boolean {
    return question === this.#question;
  }

  #ask(): void {
    const asked = JSON.stringify([this.#source, this.#forget]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#question++;
    this.#waits(true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send({ type: 'count', question: this.#question, forget: this.#forget ?? {} }), settle);
  }
}
