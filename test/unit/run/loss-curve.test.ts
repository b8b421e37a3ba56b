import { expect, test } from 'vitest';
import type { LossPoint } from '../../../src/protocol/panel-messages';
import { withLoss } from '../../../src/run/loss-curve';

test('a curve of many steps is thinned to what a chart can show, and keeps its last point and every accuracy', () => {
  let points: readonly LossPoint[] = [];
  for (let step = 1; step <= 5000; step++) points = withLoss(points, { phase: 'recovery', step, steps: 5000, loss: 1 / step, accuracy: step % 200 === 0 ? step / 5000 : undefined });
  expect(points.length).toBeLessThan(450);
  expect(points.at(-1)?.step).toBe(5000);
  expect(points.filter(({ accuracy }) => accuracy !== undefined).map(({ step }) => step)).toEqual(Array.from({ length: 25 }, (_, index) => 200 * (index + 1)));
});

test('a phase without a loss adds nothing', () => {
  const points: readonly LossPoint[] = [{ phase: 'noisy', step: 1, loss: 2 }];
  expect(withLoss(points, { phase: 'measuring-released', step: 0, steps: 1 })).toBe(points);
  expect(withLoss(points, { phase: 'recovery', step: 0, steps: 1 })).toBe(points);
});
