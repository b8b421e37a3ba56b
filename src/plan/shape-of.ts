import type { Shape } from '../privacy/shapes';
import type { ShapeRequest } from '../request/schema';

/** What a shape falls to, unless the request says it. */
const FINAL = { geometric: 0.1, linear: 0, cosine: 0 } as const;

/** A shape as a request writes it: a name, a name with numbers, or one weight for each step. */
export function shapeOf(shape: ShapeRequest | undefined): Shape {
  if (shape === undefined) return { kind: 'constant' };
  if (typeof shape === 'string') return shapeOf({ kind: shape });
  if (Array.isArray(shape)) return { kind: 'custom', weights: shape };
  if (!('kind' in shape)) return { kind: 'constant' };
  switch (shape.kind) {
    case 'constant':
      return { kind: 'constant' };
    case 'warm-up':
      return { kind: 'warm-up', steps: shape.steps, then: shapeOf(shape.then) };
    case 'points':
      return { kind: 'points', points: shape.points };
    default:
      return { kind: shape.kind, final: shape.final ?? FINAL[shape.kind] };
  }
}
