/**
 * Noisy descent on the real line, computed exactly (by quadrature) for an adversary that picks every gradient by looking at the state. What the accountant
 * certifies holds in every dimension and for every gradient, so no such pair of runs may be told apart better than it says.
 */
import type { GradientClippingStep } from '../../../src/privacy/mechanism';

/** The gradient at a state, in units of the clip radius: −1…1, constant between thresholds. */
export interface Oracle {
  readonly threshold: number;
  readonly below: number;
  readonly above: number;
}

/** Abscissas and weights of the 8-point Gauss–Legendre rule, positive half. */
const RULE = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.22238103445337448],
  [0.9602898564975363, 0.10122853629037626],
] as const;

export interface Nodes {
  readonly at: Float64Array;
  readonly weight: Float64Array;
}

/** Quadrature nodes over [−reach, reach] in panels of about the given width, none of which crosses the threshold. */
export function nodes(reach: number, width: number, threshold = 0): Nodes {
  const at: number[] = [];
  const weight: number[] = [];
  for (const [from, to] of [[-reach, Math.max(-reach, Math.min(reach, threshold))], [Math.max(-reach, Math.min(reach, threshold)), reach]] as const) {
    const panels = Math.ceil((to - from) / width);
    for (let panel = 0; panel < panels; panel += 1) {
      const half = (to - from) / panels / 2;
      const middle = from + (2 * panel + 1) * half;
      for (const [x, w] of RULE) {
        at.push(middle - half * x, middle + half * x);
        weight.push(half * w, half * w);
      }
    }
  }
  return { at: Float64Array.from(at), weight: Float64Array.from(weight) };
}

function moved(x: number, step: GradientClippingStep, oracle: Oracle | undefined): number {
  const direction = oracle === undefined ? 0 : x < oracle.threshold ? oracle.below : oracle.above;
  return x - step.learningRate * (step.gradientRadius * direction + step.decay * x);
}

/** The density of the state after all steps, each with noise, at the given points. An undefined oracle makes no gradient. */
export function density(start: number, steps: readonly GradientClippingStep[], oracles: readonly (Oracle | undefined)[], out: Nodes, reach: number): Float64Array {
  // Mass at points, to begin with one point.
  let at: Float64Array = Float64Array.of(start);
  let mass: Float64Array = Float64Array.of(1);
  for (const [t, step] of steps.entries()) {
    const last = t === steps.length - 1;
    const next = last ? out : nodes(reach, (steps[t + 1]?.sigma ?? 1) * 1.5, oracles[t + 1]?.threshold ?? 0);
    const images = at.map((x) => moved(x, step, oracles[t]));
    const scale = 1 / (step.sigma * Math.sqrt(2 * Math.PI));
    const values = next.at.map((y) => {
      let sum = 0;
      for (let i = 0; i < images.length; i += 1) {
        const z = (y - (images[i] ?? 0)) / step.sigma;
        if (z < 9 && z > -9) sum += (mass[i] ?? 0) * Math.exp((-z * z) / 2);
      }
      return sum * scale;
    });
    at = next.at;
    mass = last ? values : values.map((value, i) => value * (next.weight[i] ?? 0));
  }
  return mass;
}

/** ∫ max(0, p − e^ε q): the exact δ at ε, in one direction. */
export function hockeyStick(p: Float64Array, q: Float64Array, epsilon: number, weight: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i += 1) sum += (weight[i] ?? 0) * Math.max(0, (p[i] ?? 0) - Math.exp(epsilon) * (q[i] ?? 0));
  return sum;
}
