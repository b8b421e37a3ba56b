import { svg } from '../dom';
import { round } from './axes';

/** A line through points in units of the picture; a gap where a value is not finite. */
export function lineMark(points: readonly (readonly [x: number, y: number])[], name: string): SVGPathElement {
  let d = '';
  let drawing = false;
  for (const [x, y] of points) {
    const there = Number.isFinite(y);
    if (there) d += `${drawing ? 'L' : 'M'}${round(x)},${round(y)}`;
    drawing = there;
  }
  return svg('path', { class: `line ${name}`, d });
}
