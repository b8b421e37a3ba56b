import { scaleLinear, scaleLog } from 'd3-scale';
import type { PlanPoint } from '../../src/plan/privacy-spent';
import { t } from '../l10n';
import { format } from '../numbers';
import type { Scale } from './axes';
import type { Schedule } from './schedule';

/** Width of the picture and what the axes take of it, in its own units. */
export const picture = { width: 640, left: 64, right: 26 } as const;

export type Quantity = 'sigma' | 'learningRate' | 'gradientRadius' | 'epsilon';

/** One quantity over the steps: a strip of the picture with a scale of its own. */
export interface Panel {
  readonly quantity: Quantity;
  readonly title: string;
  readonly top: number;
  readonly bottom: number;
  readonly scale: Scale;
}

const heights: Readonly<Record<Quantity, number>> = { sigma: 112, learningRate: 72, gradientRadius: 48, epsilon: 124 };
const betweenPanels = 42;
/** A point at the largest value must not lie on the title. */
const headroom = 1.05;

/** The value of a quantity at a point; infinite where nothing is guaranteed. */
export function valueOf(point: PlanPoint, quantity: Quantity): number {
  return point[quantity] ?? Infinity;
}

/** The panels of schedules drawn over each other, from top to bottom. Quantities that are nowhere above zero have none, except the noise. */
export function panelsOf(points: readonly PlanPoint[], { target: { epsilon, delta } }: Schedule): readonly Panel[] {
  const titles: Readonly<Record<Quantity, string>> = {
    sigma: t('σ: noise added at each step'),
    learningRate: t('γ: learning rate'),
    gradientRadius: t('C₁: radius that gradients are clipped to'),
    epsilon: t('ε if the run ended here (δ = {0})', format(delta)),
  };
  let top = 30 - betweenPanels;
  let bottom = 0;
  return (['sigma', 'learningRate', 'gradientRadius', 'epsilon'] as const).flatMap((quantity) => {
    const most = Math.max(...points.map((point) => (quantity === 'epsilon' ? 1 : valueOf(point, quantity))));
    if (quantity !== 'sigma' && !(most > 0)) return [];
    top = (bottom === 0 ? top : bottom) + betweenPanels;
    bottom = top + heights[quantity];
    const range = [bottom, top] as const;
    const scale = quantity === 'epsilon' ? epsilonScale(points, epsilon, range) : scaleLinear([0, Math.max(headroom * most, Number.MIN_VALUE)], range).nice(4);
    return [{ quantity, title: titles[quantity], top, bottom, scale }];
  });
}

/** Logarithmic: ε falls by orders of magnitude while noise adds up. */
function epsilonScale(points: readonly PlanPoint[], target: number, range: readonly [number, number]): Scale {
  const values = [...points.map((point) => valueOf(point, 'epsilon')), target].filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return scaleLog([low / 1.5, Math.min(high, low * 1e6) * 1.5], range).clamp(true);
}
