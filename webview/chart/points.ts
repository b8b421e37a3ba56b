import { svg } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import { round } from './axes';
import type { Scale } from './axes';
import type { Panel } from './panels';

/** A point that a curve goes through. */
export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

/** A curve whose points can be moved, and what moving them does. */
export interface EditableCurve {
  readonly quantity: 'sigma' | 'learningRate';
  /** As people call the quantity: σ. */
  readonly name: string;
  readonly points: readonly CurvePoint[];
  /** Shows the curve with one point elsewhere. */
  move(index: number, to: CurvePoint): void;
  insert(step: number): void;
  remove(index: number): void;
  /** Keeps what was shown since the first move. */
  done(): void;
  /** Takes it back. */
  cancel(): void;
}

interface Dot {
  readonly mark: SVGCircleElement;
  readonly curve: EditableCurve;
  readonly panel: Panel;
  readonly at: CurvePoint;
}

/** Where the pointer is, in steps and in units of a panel. */
type Locate = (event: PointerEvent) => { readonly step: number; readonly y: number };

/**
 * The points of curves, to be moved by pointer or by keyboard: arrows by a step or a hundredth of the scale, ten times as far with Shift; Insert adds one,
 * Delete takes one away, Escape takes a move back. A move with the pointer, or a key held down, is one change.
 */
export class PointsMark {
  readonly element = svg('g', { class: 'points' });
  readonly #locate: Locate;
  #dots: readonly Dot[] = [];
  #held: { readonly index: number; readonly pointer: number } | undefined;
  #pending: { readonly step: number; readonly y: number } | undefined;

  constructor(locate: Locate) {
    this.#locate = locate;
  }

  /** Whether a point is being dragged: the scales must stay as they are. */
  get dragging(): boolean {
    return this.#held !== undefined;
  }

  /** Points outside of the view are not drawn, but keep their number. Marks stay the same elements, so that neither focus nor pointer is lost. */
  update(curves: readonly EditableCurve[], panels: readonly Panel[], x: Scale): void {
    const marks = this.#dots.map(({ mark }) => mark);
    this.#dots = curves.flatMap((curve) => {
      const panel = panels.find(({ quantity }) => quantity === curve.quantity);
      return panel === undefined ? [] : curve.points.map((at) => ({ curve, panel, at }));
    }).map((dot, index) => ({ ...dot, mark: marks[index] ?? this.#newMark(index) }));
    const [low = 0, high = 0] = x.domain();
    for (const { mark, curve, panel, at } of this.#dots) {
      const [bottom = 0, top = 0] = panel.scale.range();
      const attributes = {
        class: `point ${curve.quantity}`,
        cx: round(x(at.step)),
        cy: round(Math.min(bottom, Math.max(top - 14, panel.scale(at.value)))),
        visibility: at.step < low || at.step > high ? 'hidden' : 'visible',
        'aria-label': t('Point of {0} at step {1}', curve.name, format(at.step, 8)),
        'aria-valuemin': 0,
        'aria-valuemax': Math.max(panel.scale.domain().at(-1) ?? 0, at.value),
        'aria-valuenow': at.value,
        'aria-valuetext': t('{0} = {1} at step {2}', curve.name, format(at.value), format(at.step, 8)),
      };
      for (const [name, value] of Object.entries(attributes)) mark.setAttribute(name, String(value));
    }
    if (marks.length !== this.#dots.length || this.element.childElementCount !== this.#dots.length) this.#place();
  }

  #place(): void {
    const focused = this.#dots.findIndex(({ mark }) => mark === document.activeElement);
    const removed = focused < 0 && this.element.contains(document.activeElement);
    this.element.replaceChildren(...this.#dots.map(({ mark }) => mark));
    const next = removed ? this.#dots.at(-1) : this.#dots[focused];
    next?.mark.focus();
  }

  #newMark(index: number): SVGCircleElement {
    const mark = svg('circle', { r: 6, tabindex: 0, role: 'slider', 'aria-orientation': 'vertical' });
    mark.addEventListener('pointerdown', (event) => this.#take(event, index));
    mark.addEventListener('pointermove', (event) => this.#drag(event));
    mark.addEventListener('pointerup', (event) => this.#release(event));
    mark.addEventListener('pointercancel', () => this.#giveUp());
    mark.addEventListener('keydown', (event) => this.#press(event, index));
    mark.addEventListener('keyup', () => this.#dots[index]?.curve.done());
    mark.addEventListener('blur', () => this.#dots[index]?.curve.done());
    return mark;
  }

  #take(event: PointerEvent, index: number): void {
    if (event.button !== 0) return;
    event.stopPropagation();
    this.#held = { index, pointer: event.pointerId };
    this.#dots[index]?.mark.setPointerCapture(event.pointerId);
  }

  /** As often as the screen is drawn, however often the pointer speaks. */
  #drag(event: PointerEvent): void {
    if (this.#held?.pointer !== event.pointerId) return;
    const waiting = this.#pending !== undefined;
    this.#pending = this.#locate(event);
    if (!waiting) requestAnimationFrame(() => this.#follow());
  }

  #follow(): void {
    const to = this.#pending;
    const dot = this.#held === undefined ? undefined : this.#dots[this.#held.index];
    this.#pending = undefined;
    if (to === undefined || dot === undefined) return;
    const { curve, panel, at } = dot;
    const [bottom = 0, top = 0] = panel.scale.range();
    const value = Math.max(0, panel.scale.invert(Math.min(bottom, Math.max(top - 14, to.y))));
    curve.move(curve.points.indexOf(at), { step: to.step, value });
  }

  #release(event: PointerEvent): void {
    if (this.#held?.pointer !== event.pointerId) return;
    this.#follow();
    const dot = this.#dots[this.#held.index];
    this.#held = undefined;
    dot?.curve.done();
  }

  #giveUp(): void {
    const dot = this.#held === undefined ? undefined : this.#dots[this.#held.index];
    this.#held = undefined;
    this.#pending = undefined;
    dot?.curve.cancel();
  }

  #press(event: KeyboardEvent, index: number): void {
    const dot = this.#dots[index];
    if (dot === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const { curve, panel, at } = dot;
    const number = curve.points.indexOf(at);
    const far = event.shiftKey ? 10 : 1;
    const rise = ((panel.scale.domain().at(-1) ?? 0) / 100) * far;
    const steps: Readonly<Record<string, readonly [dx: number, dy: number]>> = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, rise], ArrowDown: [0, -rise] };
    const [dx, dy] = steps[event.key] ?? [0, 0];
    if (dx !== 0 || dy !== 0) curve.move(number, { step: at.step + dx, value: Math.max(0, at.value + dy) });
    else if (event.key === 'Delete' || event.key === 'Backspace') curve.remove(number);
    else if (event.key === 'Insert') curve.insert(at.step + ((curve.points[number + 1]?.step ?? curve.points[number - 1]?.step ?? at.step) - at.step) / 2);
    else if (event.key === 'Escape') this.#giveUpOn(curve);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #giveUpOn(curve: EditableCurve): void {
    this.#held = undefined;
    this.#pending = undefined;
    curve.cancel();
  }
}
