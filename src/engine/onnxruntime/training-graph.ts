import { bind } from '../../graph/bind';
import { GraphBuilder } from '../../graph/builder';
import { reachable } from '../../graph/attach-loss';
import type { LossGraph } from '../../graph/attach-loss';
import { differentiate } from '../../graph/differentiate';
import type { Graph } from '../../graph/graph';
import type { FlatLayout } from '../flat-vector';

/** Names in a step graph that are not the model's. All vectors are flat float32 of the layout's dimension; `norm` is float64. */
export interface StepGraph {
  readonly graph: Graph;
  readonly x: string;
  readonly noise: string;
  /** Zero-dimensional: γ, γλ and σ as float32, C1 as float64. */
  readonly scalars: { readonly rate: string; readonly pull: string; readonly sigma: string; readonly radius: string };
  readonly norm: string;
  readonly next: string;
}

export interface GradientGraph {
  readonly graph: Graph;
  readonly gradient: string;
  readonly norm: string;
}

/** Loss, gradient and its norm. */
export function gradientGraph(loss: LossGraph, layout: FlatLayout, batch: number): GradientGraph {
  const { build, gradient, norm } = flatGradient(loss, layout, batch);
  for (const output of [loss.loss, norm, gradient]) build.output(output);
  return { graph: build.build(), gradient, norm };
}

/**
 * x ← x − γ(Π_{C1}(g) + λ(x − c)) + σ·noise in one graph. The pull is written as x − γλ(x − c), not as (1 − γλ)x: rounding γλ to float32
 * changes the contraction far less than rounding 1 − γλ would.
 */
export function stepGraph(loss: LossGraph, layout: FlatLayout, batch: number, centre: Float32Array | undefined): StepGraph {
  const { build, gradient, norm } = flatGradient(loss, layout, batch);
  const x = build.input('x', [layout.dimension]);
  const noise = build.input('noise', [layout.dimension]);
  const radius = build.input('radius', [], 'float64');
  const [rate, pull, sigma] = [build.input('rate', []), build.input('pull', []), build.input('sigma', [])];
  // The floor keeps a zero gradient with a zero radius at 0 instead of 0/0.
  const floor = build.constant(Float64Array.of(Number.MIN_VALUE), [], 'float64');
  const one = build.constant(Float64Array.of(1), [], 'float64');
  const scale = build.node('Cast', [build.node('Min', [one, build.node('Div', [radius, build.node('Max', [norm, floor])])])], { to: 1 });
  const offset = centre === undefined ? x : build.node('Sub', [x, build.constant(centre, [layout.dimension])]);
  const moved = build.node('Add', [build.node('Sub', [x, build.node('Mul', [offset, pull])]), build.node('Mul', [noise, sigma])]);
  const next = build.node('Sub', [moved, build.node('Mul', [gradient, build.node('Mul', [rate, scale])])]);
  for (const output of [loss.loss, norm, next]) build.output(output);
  return { graph: build.build(), x, noise, scalars: { rate, pull, sigma, radius }, norm, next };
}

/** Predictions alone, for `batch` records. */
export function predictionGraph(loss: LossGraph, batch: number): Graph {
  const inputs = loss.graph.inputs.filter((input) => input.name !== loss.target);
  return bind({ ...loss.graph, inputs, nodes: reachable(loss.graph.nodes, loss.prediction), outputs: [loss.prediction] }, { batch });
}

/** The norm is summed in float64: in float32 the rounding of a long sum could let a gradient slip past its radius. */
function flatGradient(loss: LossGraph, layout: FlatLayout, batch: number): { build: GraphBuilder; gradient: string; norm: string } {
  const bound = bind(loss.graph, { batch });
  const build = new GraphBuilder(bound);
  const gradients = differentiate(build, bound, loss.loss, build.scalar(1), layout.segments.map((segment) => segment.name));
  const parts = layout.segments.map(({ name }) => build.node('Reshape', [gradients.get(name) ?? '', build.integers([-1])]));
  const gradient = build.node('Concat', parts, { axis: 0 });
  const wide = build.node('Cast', [gradient], { to: 11 });
  const norm = build.node('Sqrt', [build.node('ReduceSumSquare', [wide], { keepdims: 0 })]);
  return { build, gradient, norm };
}
