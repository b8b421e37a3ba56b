import type { Progress } from '../protocol/engine-protocol';
import type { LossPoint } from '../protocol/panel-messages';

const maximumPoints = 400;

/** The losses of a run with those of one more step, where it has one: every other point goes once there are too many for a chart; the last one stays. */
export function withLoss(points: readonly LossPoint[], { phase, step, loss, epsilon }: Progress): readonly LossPoint[] {
  if (loss === undefined || (phase !== 'noisy' && phase !== 'recovery')) return points;
  const all = [...points, { phase, step, loss, ...(epsilon === undefined ? {} : { epsilon }) }];
  return all.length <= maximumPoints ? all : all.filter((_point, index) => (all.length - 1 - index) % 2 === 0);
}
