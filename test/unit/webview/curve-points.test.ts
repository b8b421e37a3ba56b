import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../../src/plan/shape-of';
import { weightsOf } from '../../../src/privacy/shapes';
import { requestSchema, type ShapeRequest } from '../../../src/request/schema';
import { fractionOf, inserted, moved, normalised, pointsOf, removed, type ShapePoint, shapeOfPoints, stepOf } from '../../../webview/panel/curve-points';

const line: readonly ShapePoint[] = [[0, 1], [0.5, 0.5], [1, 0]];

describe('a curve by its points', () => {
  const shapes: readonly (readonly [string, ShapeRequest | undefined])[] = [
    ['constant', undefined], ['linear', 'linear'], ['geometric', { kind: 'geometric', final: 0.2 }], ['cosine', 'cosine'], ['warm-up', { kind: 'warm-up', steps: 30, then: 'linear' }],
    ['points', { kind: 'points', points: [[0, 1], [0.2, 0.3], [1, 0.1]] }],
  ];

  it.each(shapes)('%s starts from points on it, no more than a dozen', (_name, shape) => {
    const points = pointsOf(shape, 101);
    const weights = weightsOf(shapeOf(shape), 101);
    expect(points.length).toBeLessThanOrEqual(12);
    expect([points[0]?.[0], points.at(-1)?.[0]]).toEqual([0, 1]);
    for (const [fraction, weight] of points) expect(weight).toBeCloseTo(weights[Math.round(stepOf(fraction, 101)) - 1] ?? NaN, 3);
  });

  it('a list of weights starts from shares of its largest', () => {
    const points = pointsOf(Array.from({ length: 1000 }, (_, step) => 2 + 2 * (step / 999)), 1000);
    expect(points.length).toBe(12);
    expect([points[0], points.at(-1)]).toEqual([[0, 0.5], [1, 1]]);
  });

  it('a list that does not fit the steps has none', () => expect(pointsOf([1, 2, 3], 10)).toEqual([]));

  it.each([1, 2, 3])('of %i steps has at most as many points', (steps) => expect(pointsOf('cosine', steps).length).toBe(steps));

  it('steps and fractions are each other\'s inverse, up to the longest run', () => {
    for (const steps of [2, 3, 101, 9999, 100_000]) for (const step of [1, 2, Math.ceil(steps / 3), steps]) expect(Math.round(stepOf(fractionOf(step, steps), steps))).toBe(step);
  });

  it('a point stays between its neighbours, the ends on their steps, and above zero', () => {
    expect(moved(line, 1, [0.9, 2], 101)).toEqual([[0, 1], [0.9, 2], [1, 0]]);
    expect(moved(line, 1, [7, 2], 101)[1]).toEqual([0.99, 2]); // one step before the last
    expect(moved(line, 0, [0.5, -1], 101)).toEqual([[0, 0], [0.5, 0.5], [1, 0]]);
  });

  it('a new point lies on the line, and none on another', () => {
    expect(inserted(line, 0.25, 101)).toEqual([[0, 1], [0.25, 0.75], [0.5, 0.5], [1, 0]]);
    expect(inserted(line, 0.5, 101)).toBe(line);
    const full = Array.from({ length: 12 }, (_, index): ShapePoint => [index / 11, 1]);
    expect(inserted(full, 0.03, 1001)).toBe(full);
  });

  it('the ends cannot be removed', () => {
    expect(removed(line, 1)).toEqual([[0, 1], [1, 0]]);
    expect([removed(line, 0), removed(line, 2)]).toEqual([line, line]);
  });

  it('is written with a largest share of 1, and as constant where it is', () => {
    expect(normalised([[0, 3], [1, 1]])).toEqual({ peak: 3, points: [[0, 1], [1, 0.3333]] });
    expect(shapeOfPoints([[0, 1], [1, 1]])).toBeUndefined();
    const { sigmaShape } = requestSchema.shape.method.parse({ name: 'layered-gradient-clipping', sigmaShape: shapeOfPoints(line) }) as { sigmaShape: unknown };
    expect(sigmaShape).toEqual({ kind: 'points', points: line });
  });
});
