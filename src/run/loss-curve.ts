import type { Progress } from '../protocol/engine-protocol';
import type { LossPoint } from '../protocol/panel-messages';

const maximumPoints = 400;

/**
 * The losses of a run with those of one more step, where it has one: every other point goes once there are too many for a chart. The last one
 * stays, and so do the few at which accuracy was measured.
 */
export function withLoss(points: readonly LossPoint[], { phase, step, loss, epsilon, accuracy }: Progress): readonly LossPoint[] {
  if (loss === undefined || (phase !== 'noisy' && phase !== 'recovery')) return points;
  const all = [...points, { phase, step, loss, ...(epsilon === undefined ? {} : { epsilon }), ...(accuracy === undefined ? {} : { accuracy }) }];
  return all.length <= maximumPoints ? all : all.filter((point, index) => (all.length - 1 - index) % 2 === 0 || point.accuracy !== undefined);
}
