import type { FieldPath } from '../../src/protocol/panel-messages';
import { element } from '../dom';
import { at, type PanelActions, type PanelState, type Section } from './state';
import { twoDigitValues } from './two-digit-values';

export interface SliderOptions {
  readonly label: string;
  readonly path: FieldPath;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * A slider for a positive number, each power of ten as long as the next: previews while it moves, writes when it is let go. The toolkit has none. It stands on
 * values of two digits, which is what a hand can mean, so that every press of an arrow key leads to another one.
 */
export class Slider implements Section {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #path: FieldPath;
  readonly #values: readonly number[];
  /** What the document says: where it says nothing new, the slider stays where a hand or a key has moved it. */
  #followed: number | undefined;

  constructor({ label, path, minimum, maximum }: SliderOptions, actions: PanelActions) {
    this.#path = path;
    this.#values = twoDigitValues(minimum, maximum);
    this.#input = element('input', { type: 'range', min: 0, max: this.#values.length - 1, step: 1, 'aria-label': label });
    this.element = element('div', { class: 'slider' }, this.#input);
    this.#input.addEventListener('input', () => {
      this.#describe();
      actions.preview(path, this.#value());
    });
    this.#input.addEventListener('change', () => actions.edit({ path, value: this.#value() }));
  }

  update({ document }: PanelState): void {
    const value = at(document?.value, this.#path);
    if (typeof value !== 'number' || !(value > 0) || value === this.#followed || this.#input.matches(':active')) return;
    this.#followed = value;
    const above = this.#values.findIndex((other) => other >= value);
    const [low, high] = [this.#values[above - 1] ?? 0, this.#values[above] ?? Infinity];
    this.#input.value = String(above < 0 ? this.#values.length - 1 : above > 0 && value - low < high - value ? above - 1 : above);
    this.#describe();
  }

  #value(): number {
    return this.#values[Number(this.#input.value)] ?? 1;
  }

  #describe(): void {
    this.#input.setAttribute('aria-valuetext', String(this.#value()));
  }
}
