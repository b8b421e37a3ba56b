import { svg } from '../dom';
import { round } from './axes';

/** How long a point with no neighbour is drawn, in units of the picture. */
const alone = 6;

/** A line through points in units of the picture; a gap where a value is not finite, a dash for a point between gaps. */
export function lineMark(points: readonly (readonly [x: number, y: number])[], name: string): SVGPathElement {
  let d = '';
  let length = 0;
  for (const [index, [x, y]] of points.entries()) {
    if (Number.isFinite(y)) {
      length += 1;
      d += `${length === 1 ? 'M' : 'L'}${round(x)},${round(y)}`;
    }
    const ends = !Number.isFinite(points[index + 1]?.[1] ?? NaN);
    if (ends && length === 1) d += `h${alone}`;
    if (ends) length = 0;
  }
  return svg('path', { class: `line ${name}`, d });
}
