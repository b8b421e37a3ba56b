import type { Loss } from '../engine/engine';
import type { Graph } from '../graph/graph';

/** The loss that a request names, else the one that the model's last activation and its labels call for. */
export function lossOf(graph: Graph, labelKind: 'class' | 'value', named: Loss | undefined): Loss {
  if (named !== undefined) {
    return named;
  }
  const last = graph.nodes.find(({ outputs }) => outputs.includes(graph.outputs[0] ?? ''))?.operator;
  if (last === 'Sigmoid') {
    return 'binary-cross-entropy';
  }
  return last === 'Softmax' || labelKind === 'class' ? 'softmax-cross-entropy' : 'mean-squared-error';
}
