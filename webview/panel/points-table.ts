import { button, textField, type ValueControl } from '../controls';
import { element } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import { NotAValue, numberCodec } from './codec';
import type { CurveEditor } from './curve-editor';
import { fractionOf, inserted, moved, stepOf } from './curve-points';

/** The points of a curve as numbers to type: the steps, and the value there or, where the target scales the noise, its share of the largest one. */
export class PointsTable {
  readonly element = element('div', { class: 'points-table' });
  readonly #editor: CurveEditor;
  readonly #body = element('tbody');
  readonly #problem = element('p', { class: 'problem', role: 'alert', hidden: true });
  #rows: readonly (readonly [step: ValueControl, value: ValueControl, computed: HTMLElement])[] = [];
  #drawn = '';

  constructor(editor: CurveEditor) {
    this.#editor = editor;
  }

  update(): void {
    const { shape, absolute } = this.#editor;
    const kind = `${shape.length} ${absolute}`;
    if (kind !== this.#drawn) this.#build(shape.length, absolute);
    this.#drawn = kind;
    for (const [index, [step, value, computed]] of this.#rows.entries()) {
      const [fraction = 0, weight = 0] = shape[index] ?? [];
      show(step, format(Math.round(stepOf(fraction, this.#editor.steps)), 8));
      show(value, format(absolute ? weight * this.#editor.largest : weight));
      computed.textContent = absolute ? '' : format(weight * this.#editor.largest);
    }
  }

  #build(count: number, absolute: boolean): void {
    const { name } = this.#editor;
    this.#rows = Array.from({ length: count }, (_, index) => {
      const step = textField({ label: t('Step of point {0} of {1}', index + 1, name) });
      const value = textField({ label: absolute ? t('{0} at point {1}', name, index + 1) : t('Share of the largest {0} at point {1}', name, index + 1) });
      step.dataset['point'] = `${this.#editor.quantity}.${index}.step`;
      value.dataset['point'] = `${this.#editor.quantity}.${index}.value`;
      const end = index === 0 || index === count - 1;
      step.disabled = end;
      for (const control of [step, value]) control.addEventListener('change', () => this.#typed(index));
      return [step, value, element('td')] as const;
    });
    this.#body.replaceChildren(...this.#rows.map(([step, value, computed], index) => element('tr', {},
      element('td', {}, step), element('td', {}, value), ...(absolute ? [] : [computed]),
      element('td', {}, index === 0 || index === count - 1 ? undefined : button(t('Remove'), () => this.#editor.remove(index), { secondary: true, label: t('Remove point {0} of {1}', index + 1, name) })))));
    const headers = [t('Step'), absolute ? name : t('Share of the largest'), ...(absolute ? [] : [name])];
    this.element.replaceChildren(
      element('table', {},
        element('caption', {}, t('Points of {0}', name)),
        element('thead', {}, element('tr', {}, ...headers.map((header) => element('th', { scope: 'col' }, header)), element('td'))),
        this.#body),
      this.#problem,
      button(t('Add a Point'), () => this.#add(), { secondary: true, label: t('Add a point to {0}', name) }));
  }

  #typed(index: number): void {
    const row = this.#rows[index];
    const old = this.#editor.shape[index];
    if (row === undefined || old === undefined) return;
    try {
      const [step, value] = [read(row[0]), read(row[1])];
      this.#problem.hidden = true;
      const weight = this.#editor.absolute ? value / (this.#editor.largest || 1) : value;
      // What the field shows is rounded: only what was typed is taken from it.
      const [fraction, share] = [fractionOf(step, this.#editor.steps), sameText(row[1], this.#editor.absolute ? old[1] * this.#editor.largest : old[1]) ? old[1] : weight];
      this.#editor.set(moved(this.#editor.shape, index, [fraction, share], this.#editor.steps));
    } catch (error) {
      if (!(error instanceof NotAValue)) throw error;
      this.#problem.hidden = false;
      this.#problem.textContent = error.message;
    }
    this.update();
  }

  /** Where two points are furthest apart. */
  #add(): void {
    const { shape, steps } = this.#editor;
    let widest = 1;
    for (let index = 2; index < shape.length; index += 1) if (gap(index) > gap(widest)) widest = index;
    const [left = 0] = shape[widest - 1] ?? [];
    const [right = 1] = shape[widest] ?? [];
    const points = inserted(shape, (left + right) / 2, steps);
    if (points !== shape) this.#editor.set(points);

    function gap(index: number): number {
      return (shape[index]?.[0] ?? 0) - (shape[index - 1]?.[0] ?? 0);
    }
  }
}

function show(control: ValueControl, text: string): void {
  if (control.value !== text && !control.matches(':focus-within')) control.value = text;
}

function sameText(control: ValueControl, value: number): boolean {
  return control.value === format(value);
}

function read(control: ValueControl): number {
  const value = numberCodec.read(control.value);
  if (typeof value !== 'number' || value < 0) throw new NotAValue(t('must be a number of at least 0'));
  return value;
}
