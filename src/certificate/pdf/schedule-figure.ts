import type { Language } from '../../language';
import type { Drawing } from './paper';

/** A step of the schedule, as it is drawn. */
export interface SchedulePoint {
  readonly step: number;
  readonly sigma: number;
  /** Undefined before the first noise. */
  readonly epsilon: number | undefined;
}

export interface PrintedSchedule {
  readonly points: readonly SchedulePoint[];
  readonly target: { readonly epsilon: number; readonly delta: number };
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The first and the last step, and how they are written. */
interface Axis {
  readonly steps: readonly [number, number];
  readonly first: string;
  readonly last: string;
}

export const figureHeight = 130;

const gap = 46;
const ink = '#1a1a1a';
const light = '#c8c8c8';

/** σ of each step on the left, ε if the run ended there on the right: both in black, told apart by their titles. */
export function scheduleFigure({ points, target }: PrintedSchedule, language: Language): { readonly alternative: string; readonly draw: Drawing } {
  const short = (value: number): string => (Number.isFinite(value) ? language.number(String(Number(value.toPrecision(4)))) : '∞');
  const [first, last] = [points[0], points.at(-1)];
  const sigmas = points.map(({ sigma }) => sigma);
  const epsilons = points.flatMap(({ epsilon }) => (epsilon === undefined || epsilon <= 0 ? [] : [epsilon]));
  const steps: readonly [number, number] = [first?.step ?? 1, Math.max(last?.step ?? 1, (first?.step ?? 1) + 1)];
  return {
    alternative: language.t('Noise schedule of {0} steps: σ from {1} to {2}; ε after the last step {3}, target {4}, at δ = {5}.', language.number(String(steps[1])), short(Math.min(...sigmas)), short(Math.max(...sigmas)), short(last?.epsilon ?? Infinity), short(target.epsilon), short(target.delta)),
    draw: (page, left, top, width) => {
      const half = (width - 2 * gap) / 2;
      const frame = (index: number): Frame => ({ left: left + gap + index * (half + gap), top: top + 18, width: half, height: figureHeight - 44 });
      const axis: Axis = { steps, first: language.t('step {0}', language.number(String(steps[0]))), last: language.number(String(steps[1])) };
      const greatest = Math.max(...sigmas, Number.MIN_VALUE);
      panel(page, frame(0), language.t('σ: noise added at each step'), axis, ['0', short(greatest)],
        points.map(({ step, sigma }) => [step, sigma / greatest]));
      const [low, high] = [Math.min(...epsilons, target.epsilon) / 1.5, Math.min(Math.max(...epsilons, target.epsilon), Math.min(...epsilons, target.epsilon) * 1e6) * 1.5];
      const height = (epsilon: number): number => Math.min(1, Math.log(epsilon / low) / Math.log(high / low));
      const place = frame(1);
      panel(page, place, language.t('ε if the run ended there (logarithmic, δ = {0})', short(target.delta)), axis, [short(low), short(high)],
        points.flatMap(({ step, epsilon }) => (epsilon === undefined || epsilon <= 0 ? [] : [[step, height(epsilon)] as const])));
      const y = place.top + place.height * (1 - height(target.epsilon));
      page.moveTo(place.left, y).lineTo(place.left + place.width, y).dash(4, { space: 3 }).lineWidth(0.7).stroke(ink).undash();
      page.text(language.t('target ε = {0}', short(target.epsilon)), place.left, y - 10, { width: place.width - 4, align: 'right', lineBreak: false });
    },
  };
}

/** One plot: `points` are steps with heights from 0 to 1. */
function panel(page: PDFKit.PDFDocument, { left, top, width, height }: Frame, title: string, { steps: [first, last], ...ends }: Axis, [low, high]: readonly [string, string], points: readonly (readonly [number, number])[]): void {
  page.fontSize(7.5).fillColor(ink);
  page.text(title, left, top - 14, { lineBreak: false });
  page.rect(left, top, width, height).lineWidth(0.5).stroke(light);
  page.text(high, left - gap, top - 3, { width: gap - 6, align: 'right', lineBreak: false });
  page.text(low, left - gap, top + height - 6, { width: gap - 6, align: 'right', lineBreak: false });
  page.text(ends.first, left, top + height + 4, { lineBreak: false });
  page.text(ends.last, left, top + height + 4, { width, align: 'right', lineBreak: false });
  for (const [index, [step, share]] of points.entries()) {
    const [x, y] = [left + (width * (step - first)) / (last - first), top + height * (1 - share)];
    if (index === 0) page.moveTo(x, y);
    else page.lineTo(x, y);
  }
  page.lineWidth(1.2).stroke(ink);
}
