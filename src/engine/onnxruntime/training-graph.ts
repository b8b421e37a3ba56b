import { bind } from '../../graph/bind';
import { GraphBuilder } from '../../graph/builder';
import { reachable } from '../../graph/attach-loss';
import type { LossGraph } from '../../graph/attach-loss';
import { differentiate } from '../../graph/differentiate';
import type { Graph } from '../../graph/graph';
import { declareEnd } from './in-place';

/** A graph whose outputs are the end of a run, the loss and the gradients, in the order of `wanted`; to be run in place. */
export interface GradientGraph {
  readonly graph: Graph;
  readonly gradients: readonly string[];
  /** Its first output. */
  readonly end: string;
}

/** Loss and gradients for `batch` records. */
export function gradientGraph(loss: LossGraph, wanted: readonly string[], batch: number): GradientGraph {
  const bound = bind(loss.graph, { batch });
  const build = new GraphBuilder(bound);
  const found = differentiate(build, bound, loss.loss, build.scalar(1), wanted);
  const end = declareEnd(build, loss.loss);
  build.output(loss.loss);
  const gradients = wanted.map((name) => {
    // Two tensors may have one gradient (both addends of a sum), but an output of a graph has one name and one buffer.
    const gradient = build.node('Identity', [found.get(name) ?? '']);
    build.output(gradient);
    return gradient;
  });
  return { graph: build.build(), gradients, end };
}

/** Predictions alone, for `batch` records. */
export function predictionGraph(loss: LossGraph, batch: number): Graph {
  const inputs = loss.graph.inputs.filter((input) => input.name !== loss.target);
  return bind({ ...loss.graph, inputs, nodes: reachable(loss.graph.nodes, loss.prediction), outputs: [loss.prediction] }, { batch });
}
