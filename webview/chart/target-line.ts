import { svg } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import { round } from './axes';
import { picture } from './panels';

/** The ε that is to be met, across the picture at a height. */
export function targetLine(y: number, epsilon: number): SVGGElement {
  return svg('g', { class: 'target', 'aria-hidden': 'true' },
    svg('line', { x1: picture.left, x2: picture.width - picture.right, y1: round(y), y2: round(y) }),
    svg('text', { x: picture.left + 8, y: round(y) - 5 }, t('target ε = {0}', format(epsilon))));
}
