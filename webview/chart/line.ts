import { line } from 'd3-shape';
import { svg } from '../dom';

/** A line through points in pixels; a gap where a value is not finite. */
export function lineMark(points: readonly (readonly [x: number, y: number])[], name: string): SVGPathElement {
  const path = line<readonly [number, number]>().defined(([, y]) => Number.isFinite(y)).x(([x]) => x).y(([, y]) => y);
  return svg('path', { class: `line ${name}`, d: path([...points]) ?? '' });
}
