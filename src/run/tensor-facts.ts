import { usualStart } from '../engine/usual-start';
import type { Graph, NamedTensor } from '../graph/graph';
import type { TensorFacts } from '../plan/noise-and-signal';

/** What a plan needs to know of the trained tensors: shapes, and how the graph uses them. */
export function tensorFacts(graph: Graph, trainable: readonly NamedTensor[]): TensorFacts[] {
  return trainable.map(({ name, values }) => ({ name, count: values.length, fanIn: usualStart(graph, name).fanIn }));
}
