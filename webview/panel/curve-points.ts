import { shapeOf } from '../../src/plan/shape-of';
import { PrivacyError } from '../../src/privacy/privacy-error';
import { weightsOf } from '../../src/privacy/shapes';
import type { ShapeRequest } from '../../src/request/schema';

/** A point of a shape: a fraction of the run from 0 to 1, and the share of the largest value there. */
export type ShapePoint = readonly [fraction: number, weight: number];

/** More points than this are no help to a hand. */
const most = 12;

/** The points by which a shape can be moved: its own where it is made of points, else some on its curve. Empty where it does not fit the number of steps. */
export function pointsOf(shape: ShapeRequest | undefined, steps: number): readonly ShapePoint[] {
  const described = shapeOf(shape);
  if (described.kind === 'points') return described.points;
  const many = described.kind === 'constant' || described.kind === 'linear' ? 5 : described.kind === 'custom' ? most : 9;
  const bend = described.kind === 'warm-up' ? [described.steps - 1] : [];
  try {
    const weights = weightsOf(described, steps);
    const chosen = new Set([...Array.from({ length: many }, (_, index) => Math.round((index * (steps - 1)) / (many - 1))), ...bend]);
    const largest = weights.reduce((a, b) => Math.max(a, b), 0) || 1;
    return [...chosen].sort((a, b) => a - b).map((step) => [fractionOf(step + 1, steps), (weights[step] ?? 0) / largest]);
  } catch (error) {
    if (error instanceof PrivacyError) return [];
    throw error;
  }
}

/** The step, 1-based and not always whole, at a fraction of a run. */
export function stepOf(fraction: number, steps: number): number {
  return 1 + fraction * (steps - 1);
}

/** The fraction of a run at a step, with no more digits than tell steps apart. */
export function fractionOf(step: number, steps: number): number {
  return steps > 1 ? Number(((Math.round(step) - 1) / (steps - 1)).toFixed(Math.max(3, Math.ceil(Math.log10(steps)) + 1))) : 0;
}

/** One point elsewhere: the ends of the curve keep their step, the others stay between their neighbours. */
export function moved(points: readonly ShapePoint[], index: number, [fraction, weight]: ShapePoint, steps: number): readonly ShapePoint[] {
  const apart = 1 / Math.max(1, steps - 1);
  const old = points[index]?.[0] ?? 0;
  const low = (points[index - 1]?.[0] ?? old) + apart;
  const high = (points[index + 1]?.[0] ?? old) - apart;
  const free = index > 0 && index < points.length - 1 && low <= high;
  const place = free ? fractionOf(stepOf(Math.min(high, Math.max(low, fraction)), steps), steps) : old;
  return points.map((point, other) => (other === index ? [place, Math.max(0, weight)] : point));
}

/** One point more, on the line between two others; as they are where there are enough, or one is at that step. */
export function inserted(points: readonly ShapePoint[], fraction: number, steps: number): readonly ShapePoint[] {
  const place = fractionOf(stepOf(fraction, steps), steps);
  const after = points.findIndex(([at]) => at > place);
  const [left, right] = [points[after - 1], points[after]];
  if (points.length >= most || left === undefined || right === undefined || left[0] === place) return points;
  const weight = left[1] + ((right[1] - left[1]) * (place - left[0])) / (right[0] - left[0]);
  return [...points.slice(0, after), [place, weight], ...points.slice(after)];
}

/** One point less; a line has two. */
export function removed(points: readonly ShapePoint[], index: number): readonly ShapePoint[] {
  return points.length <= 2 || index === 0 || index === points.length - 1 ? points : points.filter((_, other) => other !== index);
}

/** Points whose largest weight is 1, and what it was; with four digits, which is finer than a hand. */
export function normalised(points: readonly ShapePoint[]): { readonly points: readonly ShapePoint[]; readonly peak: number } {
  const largest = Math.max(...points.map(([, weight]) => weight));
  const peak = largest > 0 ? largest : 1;
  return { peak, points: points.map(([fraction, weight]) => [fraction, Number((weight / peak).toPrecision(4))]) };
}

/** As a request writes it; undefined, which is constant, where all weights are the same. */
export function shapeOfPoints(points: readonly ShapePoint[]): { readonly kind: 'points'; readonly points: readonly ShapePoint[] } | undefined {
  return points.every(([, weight]) => weight === points[0]?.[1]) ? undefined : { kind: 'points', points };
}
