import { scaleLinear, scaleLog } from 'd3-scale';
import { element, svg } from '../dom';
import { format } from '../numbers';
import { horizontalAxis, type Scale, verticalAxis } from './axes';
import { lineMark } from './line';
import type { PlanPoint } from '../../src/plan/privacy-spent';
import type { Schedule } from './schedule';

const width = 640;
const height = 380;
const left = 64;
const right = 14;
const sigmaPanel = { top: 30, bottom: 150 };
const epsilonPanel = { top: 196, bottom: 332 };

/**
 * The noise schedule: σ of each step above, ε if the run ended there below, with the target as a line across.
 * A cursor follows the pointer and the arrow keys; what it stands on is written under the chart and read out.
 */
export class ScheduleChart {
  readonly element = element('figure', { class: 'schedule-chart' });
  readonly #readout = element('p', { class: 'readout', role: 'status', 'aria-live': 'polite' });
  #points: readonly PlanPoint[] = [];
  #x: Scale = scaleLinear();
  #cursor = svg('line', { class: 'cursor' });
  #position: number | undefined;
  #pinned: Schedule | undefined;

  /** The picture alone; undefined while there is none. */
  get chart(): SVGSVGElement | undefined {
    return this.element.querySelector('svg') ?? undefined;
  }

  /** Draws a schedule, over a pinned one where there is one to compare with. */
  update({ points, target }: Schedule, pinned?: Schedule): void {
    this.#points = points;
    const last = points.at(-1);
    if (last === undefined) {
      this.element.replaceChildren(element('p', {}, 'The schedule has no noisy step.'));
      return;
    }
    const all = [...points, ...(pinned?.points ?? [])];
    const first = points[0]?.step ?? 0;
    this.#x = scaleLinear([first, Math.max(...all.map(({ step }) => step), first + 1)], [left, width - right]);
    const sigma = scaleLinear([0, Math.max(...all.map((point) => point.sigma), Number.MIN_VALUE)], [sigmaPanel.bottom, sigmaPanel.top]).nice(4);
    const epsilon = epsilonScale(all, target.epsilon);
    const lines = (shown: readonly PlanPoint[], suffix: string): readonly SVGPathElement[] => [
      lineMark(shown.map((point) => [this.#x(point.step), sigma(point.sigma)]), `sigma${suffix}`),
      lineMark(shown.map((point) => [this.#x(point.step), epsilon(point.epsilon ?? Infinity)]), `epsilon${suffix}`),
    ];
    const summary = `Noise schedule of ${last.step} steps. Noise per step ${describeRange(points)}. ε at the end ${spentUpTo(last)}, target ${format(target.epsilon)}, at δ = ${format(target.delta)}.`;
    const chart = svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', tabindex: 0, 'aria-label': `${summary} Arrow keys read single steps.` });
    this.#cursor = svg('line', { class: 'cursor', y1: sigmaPanel.top, y2: epsilonPanel.bottom, visibility: 'hidden' });
    chart.append(
      verticalAxis(sigma, left, 'σ: noise added at each step', 4),
      verticalAxis(epsilon, left, `ε if the run ended here (δ = ${format(target.delta)})`, 4),
      horizontalAxis(this.#x, epsilonPanel.bottom, 'noisy step'),
      targetLine(epsilon(target.epsilon), target.epsilon),
      ...(pinned === undefined ? [] : lines(pinned.points, ' pinned')),
      ...lines(points, ''),
      this.#cursor);
    chart.addEventListener('pointermove', (event) => this.#moveToPointer(event, chart));
    chart.addEventListener('keydown', (event) => this.#moveByKey(event));
    this.element.replaceChildren(chart, this.#readout);
    this.#pinned = pinned;
    this.#moveTo(Math.min(this.#position ?? points.length - 1, points.length - 1), this.#position !== undefined);
  }

  #moveToPointer(event: PointerEvent, chart: SVGSVGElement): void {
    const frame = chart.getBoundingClientRect();
    const step = this.#x.invert(((event.clientX - frame.left) / frame.width) * width);
    let nearest = 0;
    for (const [index, point] of this.#points.entries()) {
      if (Math.abs(point.step - step) < Math.abs((this.#points[nearest]?.step ?? 0) - step)) nearest = index;
    }
    this.#moveTo(nearest, true);
  }

  #moveByKey(event: KeyboardEvent): void {
    const end = this.#points.length - 1;
    const from = this.#position ?? end;
    const stride = Math.max(1, Math.round(this.#points.length / 10));
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, PageUp: from - stride, PageDown: from + stride, Home: 0, End: end }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#moveTo(Math.max(0, Math.min(end, to)), true);
  }

  #moveTo(index: number, visible: boolean): void {
    const point = this.#points[index];
    if (point === undefined) return;
    if (visible) this.#position = index;
    const x = this.#x(point.step);
    for (const [name, value] of [['x1', x], ['x2', x], ['visibility', visible ? 'visible' : 'hidden']] as const) this.#cursor.setAttribute(name, String(value));
    const other = this.#pinned?.points.findLast(({ step }) => step <= point.step);
    const comparison = other === undefined ? '' : ` (pinned: σ = ${format(other.sigma)}, ε so far = ${spentUpTo(other)})`;
    this.#readout.textContent = `Step ${point.step}: σ = ${format(point.sigma)}, ε so far = ${spentUpTo(point)}${comparison}`;
  }
}

/** Logarithmic: ε falls by orders of magnitude while noise adds up. */
function epsilonScale(points: readonly PlanPoint[], target: number): Scale {
  const values = [...points.map((point) => point.epsilon ?? Infinity), target].filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return scaleLog([low / 1.5, Math.min(high, low * 1e6) * 1.5], [epsilonPanel.bottom, epsilonPanel.top]).clamp(true);
}

function targetLine(y: number, epsilon: number): SVGGElement {
  return svg('g', { class: 'target', 'aria-hidden': 'true' },
    svg('line', { x1: left, x2: width - right, y1: y, y2: y }),
    svg('text', { x: left + 8, y: y - 5 }, `target ε = ${format(epsilon)}`));
}

function spentUpTo({ epsilon }: PlanPoint): string {
  return format(epsilon ?? Infinity);
}

function describeRange(points: readonly PlanPoint[]): string {
  const sigmas = points.map(({ sigma }) => sigma);
  const [low, high] = [Math.min(...sigmas), Math.max(...sigmas)];
  return low === high ? `σ = ${format(low)}` : `from σ = ${format(low)} to ${format(high)}`;
}
