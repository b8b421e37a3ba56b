import { bind } from '../../graph/bind';
import { GraphBuilder } from '../../graph/builder';
import { reachable } from '../../graph/attach-loss';
import type { LossGraph } from '../../graph/attach-loss';
import { differentiate } from '../../graph/differentiate';
import type { Graph } from '../../graph/graph';

/** A graph whose outputs are the loss and the gradients, in the order of `wanted`. */
export interface GradientGraph {
  readonly graph: Graph;
  readonly gradients: readonly string[];
}

/** Loss and gradients for `batch` records. */
export function gradientGraph(loss: LossGraph, wanted: readonly string[], batch: number): GradientGraph {
  const bound = bind(loss.graph, { batch });
  const build = new GraphBuilder(bound);
  const found = differentiate(build, bound, loss.loss, build.scalar(1), wanted);
  build.output(loss.loss);
  const gradients = wanted.map((name) => {
    // Two tensors may have one gradient (both addends of a sum), but an output of a graph has one name and one buffer.
    const gradient = build.node('Identity', [found.get(name) ?? '']);
    build.output(gradient);
    return gradient;
  });
  return { graph: build.build(), gradients };
}

/** Predictions alone, for `batch` records. */
export function predictionGraph(loss: LossGraph, batch: number): Graph {
  const inputs = loss.graph.inputs.filter((input) => input.name !== loss.target);
  return bind({ ...loss.graph, inputs, nodes: reachable(loss.graph.nodes, loss.prediction), outputs: [loss.prediction] }, { batch });
}
