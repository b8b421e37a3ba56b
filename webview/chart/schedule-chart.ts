import { scaleLinear } from 'd3-scale';
import type { PlanPoint } from '../../src/plan/privacy-spent';
import { button } from '../controls';
import { element, svg } from '../dom';
import { t } from '../l10n';
import { chartFrame } from '../wide';
import { horizontalAxis, type Scale, verticalAxis } from './axes';
import { lineMark } from './line';
import { type Panel, panelsOf, picture, valueOf } from './panels';
import { type EditableCurve, PointsMark } from './points';
import { readOut, summaryOf } from './read-out';
import { type Comparison, pointAt, pointsWithin, type Schedule } from './schedule';
import { targetLine } from './target-line';
import { between, panned, type View, within, zoomed } from './view';

/** A pointer that moved less than this, in units of the picture, has chosen a step and not a range. */
const still = 6;

/**
 * The noise schedule, each quantity in a panel of its own over the same steps, with the target as a line across. A cursor follows the pointer and the arrow
 * keys; what it stands on is written under the chart and read out. Control and the wheel, plus, minus, 0, or dragging across a range zoom.
 */
export class ScheduleChart {
  readonly element = element('figure', { class: 'schedule-chart' });
  readonly #readOut = element('p', { class: 'readout', role: 'status', 'aria-live': 'polite' });
  readonly #lines = svg('g');
  readonly #cursor = svg('line', { class: 'cursor', visibility: 'hidden' });
  readonly #range = svg('rect', { class: 'range', visibility: 'hidden' });
  readonly #points = new PointsMark((event) => ({ step: this.#x.invert(this.#place(event).x), y: this.#place(event).y }));
  readonly #chart = svg('svg', { class: 'chart', role: 'application', tabindex: 0 }, this.#lines, svg('g', { class: 'interactive' }, this.#range, this.#cursor, this.#points.element));
  readonly #zoom = element('div', { class: 'buttons zoom', role: 'group', 'aria-label': t('Zoom') },
    button(t('Zoom In'), () => this.#zoomBy(0.5), { secondary: true }),
    button(t('Zoom Out'), () => this.#zoomBy(2), { secondary: true }),
    button(t('Show All Steps'), () => this.#look(undefined), { secondary: true }));
  #schedule: Schedule = { points: [], target: { epsilon: NaN, delta: NaN } };
  #comparison: Comparison | undefined;
  #curves: readonly EditableCurve[] = [];
  #shown: readonly PlanPoint[] = [];
  #panels: readonly Panel[] = [];
  #x: Scale = scaleLinear();
  /** Undefined while all steps are in view. */
  #view: View | undefined;
  /** The step that the cursor is on; undefined until someone has asked for one. */
  #step: number | undefined;
  #selection: { readonly from: number; readonly pointer: number } | undefined;

  constructor() {
    this.#chart.addEventListener('pointerdown', (event) => this.#beginRange(event));
    this.#chart.addEventListener('pointermove', (event) => this.#movePointer(event));
    this.#chart.addEventListener('pointerup', (event) => this.#endRange(event));
    this.#chart.addEventListener('pointercancel', () => this.#dropRange());
    this.#chart.addEventListener('dblclick', (event) => this.#insertPoint(event));
    this.#chart.addEventListener('keydown', (event) => this.#press(event));
    this.#chart.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** The picture alone; undefined while there is none. */
  get chart(): SVGSVGElement | undefined {
    return this.#chart.isConnected ? this.#chart : undefined;
  }

  /** The points in view. */
  get shown(): readonly PlanPoint[] {
    return this.#shown;
  }

  /** Draws a schedule, over another one where there is one to compare with, and the points by which its curves can be moved. */
  update(schedule: Schedule, comparison?: Comparison, curves: readonly EditableCurve[] = []): void {
    this.#schedule = schedule;
    this.#comparison = comparison;
    this.#curves = curves;
    if (schedule.points.length === 0) {
      this.element.replaceChildren(element('p', {}, t('The schedule has no noisy step.')));
      return;
    }
    if (!this.#chart.isConnected || this.element.childElementCount < 3) this.element.replaceChildren(chartFrame(this.#chart), this.#readOut, this.#zoom);
    this.#draw();
  }

  #draw(): void {
    const { target } = this.#schedule;
    const whole = this.#whole;
    if (this.#view !== undefined) this.#view = within(this.#view, whole);
    const { first, last } = this.#view ?? whole;
    this.#shown = pointsWithin(this.#schedule, first, last);
    const other = this.#comparison === undefined ? [] : pointsWithin(this.#comparison.schedule, first, last);
    // While a point is dragged it must stay under the pointer: the scales of all panels wait.
    if (!this.#points.dragging || this.#panels.length === 0) this.#panels = panelsOf([...this.#shown, ...other], this.#schedule);
    this.#x = scaleLinear([first, last], [picture.left, picture.width - picture.right]);
    const bottom = this.#panels.at(-1)?.bottom ?? 0;
    const lines = (points: readonly PlanPoint[], { quantity, scale }: Panel, suffix: string): SVGPathElement =>
      lineMark(points.map((point) => [this.#x(point.step), scale(valueOf(point, quantity))]), `${quantity}${suffix}`);
    this.#chart.setAttribute('viewBox', `0 0 ${picture.width} ${bottom + 48}`);
    this.#chart.setAttribute('aria-label', summaryOf(this.#schedule, this.#view));
    this.#lines.replaceChildren(
      ...this.#panels.map(({ scale, title, bottom: end, top }) => verticalAxis(scale, picture.left, title, end - top < 60 ? 2 : 4)),
      horizontalAxis(this.#x, bottom, t('noisy step')),
      ...this.#panels.filter(({ quantity }) => quantity === 'epsilon').map(({ scale }) => targetLine(scale(target.epsilon), target.epsilon)),
      ...(other.length === 0 ? [] : this.#panels.map((panel) => lines(other, panel, ' pinned'))),
      ...this.#panels.map((panel) => lines(this.#shown, panel, '')));
    for (const [name, value] of [['y1', this.#panels[0]?.top ?? 0], ['y2', bottom]] as const) this.#cursor.setAttribute(name, String(value));
    this.#points.update(this.#curves, this.#panels, this.#x);
    this.#moveTo(this.#step);
  }

  /** From the first step to the last of either schedule; one step alone stands at the left end. */
  get #whole(): View {
    const first = this.#schedule.points[0]?.step ?? 0;
    return { first, last: Math.max(this.#schedule.points.at(-1)?.step ?? 0, this.#comparison?.schedule.points.at(-1)?.step ?? 0, first + 1) };
  }

  #look(view: View | undefined): void {
    const whole = this.#whole;
    this.#view = view === undefined || (view.first <= whole.first && view.last >= whole.last) ? undefined : view;
    this.#draw();
  }

  #zoomBy(factor: number, about?: number): void {
    const view = this.#view ?? this.#whole;
    const step = about ?? this.#step ?? (view.first + view.last) / 2;
    this.#look(zoomed(view, this.#whole, factor, step));
  }

  /** Puts the cursor on the point at a step, or before it; at the end, unseen, until a step was asked for. */
  #moveTo(step: number | undefined): void {
    const point = pointAt(this.#shown, step ?? Infinity) ?? this.#shown[0];
    if (point === undefined) return;
    const x = this.#x(point.step);
    for (const [name, value] of [['x1', x], ['x2', x], ['visibility', step === undefined ? 'hidden' : 'visible']] as const) this.#cursor.setAttribute(name, String(value));
    this.#readOut.textContent = readOut(point, this.#comparison);
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = { '+': 0.5, '=': 0.5, '-': 2 }[event.key];
    if (zoom !== undefined) this.#zoomBy(zoom);
    else if (event.key === '0') this.#look(undefined);
    else if (!this.#walk(event.key)) return;
    event.preventDefault();
  }

  /** To the next point in view, or on to steps that are not. */
  #walk(key: string): boolean {
    const { first, last } = this.#whole;
    const here = this.#step ?? this.#shown.at(-1)?.step ?? first;
    const index = this.#shown.findIndex(({ step }) => step >= here);
    const stride = Math.max(1, Math.round(((this.#view?.last ?? last) - (this.#view?.first ?? first)) / 10));
    const to = { ArrowLeft: this.#shown[index - 1]?.step ?? here - 1, ArrowRight: this.#shown[index + 1]?.step ?? here + 1, PageUp: here - stride, PageDown: here + stride, Home: first, End: last }[key];
    if (to === undefined) return false;
    this.#step = Math.max(first, Math.min(this.#schedule.points.at(-1)?.step ?? last, to));
    if (this.#view !== undefined && (this.#step < this.#view.first || this.#step > this.#view.last)) this.#look(panned(this.#view, this.#whole, this.#step - (this.#step < this.#view.first ? this.#view.first : this.#view.last)));
    this.#moveTo(this.#step);
    return true;
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.#zoomBy(2 ** (event.deltaY / 200), this.#x.invert(this.#place(event).x));
  }

  #movePointer(event: PointerEvent): void {
    if (this.#points.dragging) return;
    const { x } = this.#place(event);
    if (this.#selection?.pointer === event.pointerId) {
      const attributes = { x: Math.min(x, this.#selection.from), width: Math.abs(x - this.#selection.from), y: this.#panels[0]?.top ?? 0, height: (this.#panels.at(-1)?.bottom ?? 0) - (this.#panels[0]?.top ?? 0), visibility: 'visible' };
      for (const [name, value] of Object.entries(attributes)) this.#range.setAttribute(name, String(value));
    }
    this.#step = this.#nearest(this.#x.invert(x));
    this.#moveTo(this.#step);
  }

  #nearest(step: number): number {
    const before = pointAt(this.#shown, step) ?? this.#shown[0];
    const after = this.#shown.find((point) => point.step > step) ?? before;
    return Math.abs((after?.step ?? 0) - step) < Math.abs((before?.step ?? 0) - step) ? (after?.step ?? 0) : (before?.step ?? 0);
  }

  #beginRange(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#selection = { from: this.#inside(this.#place(event).x), pointer: event.pointerId };
    this.#chart.setPointerCapture(event.pointerId);
  }

  #endRange(event: PointerEvent): void {
    const selection = this.#selection;
    const to = this.#inside(this.#place(event).x);
    this.#dropRange();
    if (selection?.pointer === event.pointerId && Math.abs(to - selection.from) >= still) this.#look(between(this.#x.invert(selection.from), this.#x.invert(to), this.#whole));
  }

  #dropRange(): void {
    this.#selection = undefined;
    this.#range.setAttribute('visibility', 'hidden');
  }

  #insertPoint(event: MouseEvent): void {
    const { x, y } = this.#place(event);
    const panel = this.#panels.find(({ top, bottom }) => y >= top - 10 && y <= bottom + 10);
    this.#curves.find(({ quantity }) => quantity === panel?.quantity)?.insert(this.#x.invert(this.#inside(x)));
  }

  #inside(x: number): number {
    return Math.min(picture.width - picture.right, Math.max(picture.left, x));
  }

  /** Where the pointer is, in units of the picture. */
  #place({ clientX, clientY }: MouseEvent): { readonly x: number; readonly y: number } {
    const frame = this.#chart.getBoundingClientRect();
    const unit = picture.width / frame.width;
    return { x: (clientX - frame.left) * unit, y: (clientY - frame.top) * unit };
  }
}
