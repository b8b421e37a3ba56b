import type { PlanPoint } from '../../src/plan/privacy-spent';

/** A noise schedule as charts and tables show it, and the bound that it is to meet. */
export interface Schedule {
  /** A few hundred at most, the first step and the last among them. */
  readonly points: readonly PlanPoint[];
  readonly target: { readonly epsilon: number; readonly delta: number };
  /** As many points between two steps, where the schedule has more steps than points. */
  readonly detail?: (first: number, last: number) => readonly PlanPoint[];
}

/** A schedule to see another one against. */
export interface Comparison {
  /** As the read-out names it. */
  readonly name: string;
  readonly schedule: Schedule;
}

/** The points from one step to another. */
export function pointsWithin({ points, detail }: Schedule, first: number, last: number): readonly PlanPoint[] {
  const whole = first <= (points[0]?.step ?? 0) && last >= (points.at(-1)?.step ?? 0);
  const complete = points.length === (points.at(-1)?.step ?? 0);
  return (whole || complete || detail === undefined ? points : detail(first, last)).filter(({ step }) => step >= first && step <= last);
}

/** The point at a step, or the one before it where there is none; undefined before the first. */
export function pointAt(points: readonly PlanPoint[], step: number): PlanPoint | undefined {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.step ?? Infinity) <= step) low = middle + 1;
    else high = middle;
  }
  return points[low - 1];
}
