import type { FieldPath } from '../../src/protocol/panel-messages';
import { element } from '../dom';
import { at, type PanelActions, type PanelState, type Section } from './state';

export interface SliderOptions {
  readonly label: string;
  readonly path: FieldPath;
  readonly minimum: number;
  readonly maximum: number;
}

const positions = 200;

/** A slider on a logarithmic scale for a positive number: previews while it moves, writes when it is let go. The toolkit has none. */
export class Slider implements Section {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #options: SliderOptions;

  constructor(options: SliderOptions, actions: PanelActions) {
    this.#options = options;
    const { label, path } = options;
    this.#input = element('input', { type: 'range', min: 0, max: positions, step: 1, 'aria-label': label });
    this.element = element('div', { class: 'slider' }, this.#input);
    this.#input.addEventListener('input', () => {
      this.#describe();
      actions.preview(path, this.#value());
    });
    this.#input.addEventListener('change', () => actions.edit({ path, value: this.#value() }));
  }

  update({ document }: PanelState): void {
    const value = at(document?.value, this.#options.path);
    if (typeof value !== 'number' || !(value > 0) || this.#input.matches(':active')) return;
    const { minimum, maximum } = this.#options;
    this.#input.value = String(Math.round((positions * Math.log(value / minimum)) / Math.log(maximum / minimum)));
    this.#describe();
  }

  /** Two significant digits: what a hand can mean. */
  #value(): number {
    const { minimum, maximum } = this.#options;
    return Number((minimum * (maximum / minimum) ** (Number(this.#input.value) / positions)).toPrecision(2));
  }

  #describe(): void {
    this.#input.setAttribute('aria-valuetext', String(this.#value()));
  }
}
