import { describe } from '../../src/error';
import type { ErrorData } from '../../src/protocol/engine-protocol';
import type { FieldPath } from '../../src/protocol/panel-messages';
import { dropdown, textField, type ValueControl } from '../controls';
import { element } from '../dom';
import { told } from '../l10n';
import { type Codec, NotAValue, textCodec } from './codec';
import { at, fieldName, type PanelActions, type PanelState, type Section } from './state';

export interface FieldOptions {
  readonly label: string;
  readonly path: FieldPath;
  readonly help: string;
  readonly codec?: Codec;
  /** What holds while the field is empty. */
  readonly placeholder?: string;
  /** A fixed choice instead of free text. */
  readonly options?: readonly (readonly [value: string, text: string])[];
  /** Another control than a text field or a dropdown of the fixed choice. */
  readonly control?: ValueControl;
  /** Something to stand beside the input, such as a button. */
  readonly beside?: HTMLElement;
  readonly narrow?: boolean;
}

/** One field of the request: shows what is written there, previews while it is typed, writes when it is done. */
export class Field implements Section {
  readonly element: HTMLElement;
  readonly #options: FieldOptions;
  readonly #actions: PanelActions;
  readonly #control: ValueControl;
  readonly #help: HTMLElement;
  readonly #problem = element('p', { class: 'problem', role: 'alert', hidden: true });
  /** What the request says, so that only real changes are written. */
  #written = '';
  #malformed: string | undefined;

  constructor(options: FieldOptions, actions: PanelActions) {
    this.#options = options;
    this.#actions = actions;
    const { label, help, beside, narrow = false, placeholder, options: choices, control } = options;
    this.#control = control ?? (choices === undefined ? textField({ label, ...(placeholder === undefined ? {} : { placeholder }) }) : dropdown({ label, options: choices }));
    this.#control.dataset['field'] = fieldName(options.path);
    this.#control.title = help;
    this.#control.addEventListener('input', () => this.#typed());
    this.#control.addEventListener('change', () => this.#done());
    this.#help = element('p', { class: 'help' }, help);
    this.element = element('div', { class: narrow ? 'field narrow' : 'field' },
      element('span', { class: 'label', 'aria-hidden': 'true' }, label),
      element('div', { class: 'input' }, this.#control, beside),
      this.#help,
      this.#problem);
  }

  /** Replaces the help, where it depends on what is chosen. */
  describe(help: string): void {
    if (this.#help.textContent !== help) this.#help.textContent = help;
    this.#control.title = help;
  }

  update({ document, facts, counted }: PanelState): void {
    const { path, codec = textCodec, options: choices } = this.#options;
    const text = codec.show(at(document?.value, path));
    if (text !== this.#written || this.#malformed === undefined) {
      const editing = this.#control.matches(':focus-within') && text === this.#written;
      if (!editing) this.#control.value = text === '' && choices !== undefined ? (choices[0]?.[0] ?? '') : text;
      this.#written = text;
    }
    const name = fieldName(path);
    const ownProblem = document?.problems.find(({ field }) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`));
    const tried = counted?.status === 'ready' ? counted.preview.parts.find(({ field }) => field === name) : undefined;
    // What is counted while it is written is newer than what the engine found when it was saved.
    const found = tried === undefined ? (facts.status === 'failed' && facts.error.field === name ? facts.error : undefined) : tried.error;
    this.#show(this.#malformed ?? (ownProblem === undefined ? undefined : told(ownProblem.message)) ?? (found === undefined ? undefined : inWords(found)));
  }

  #read(): { readonly value: unknown } | undefined {
    try {
      this.#malformed = undefined;
      return { value: (this.#options.codec ?? textCodec).read(this.#control.value) };
    } catch (error) {
      if (!(error instanceof NotAValue)) throw error;
      this.#malformed = error.message;
      this.#show(error.message);
      return undefined;
    }
  }

  #typed(): void {
    const read = this.#read();
    if (read !== undefined) this.#actions.preview(this.#options.path, read.value);
  }

  #done(): void {
    const read = this.#read();
    if (read === undefined || this.#control.value === this.#written) return;
    this.#written = (this.#options.codec ?? textCodec).show(read.value);
    this.#actions.edit({ path: this.#options.path, value: read.value });
  }

  #show(problem: string | undefined): void {
    this.#problem.hidden = problem === undefined;
    if (this.#problem.textContent !== (problem ?? '')) this.#problem.textContent = problem ?? '';
    this.#control.classList.toggle('invalid', problem !== undefined);
    if (problem === undefined) this.#control.removeAttribute('aria-invalid');
    else this.#control.setAttribute('aria-invalid', 'true');
  }
}

/** An error of the engine, with what to do about it. */
export function inWords({ message, remedy }: ErrorData): string {
  return describe({ message, remedy }, told);
}
