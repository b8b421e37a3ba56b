import type { Graph } from './graph';

/** The same graph with other values in some of its float32 tensors. Throws `RangeError` for a name or a length that does not fit. */
export function withValues(graph: Graph, values: ReadonlyMap<string, Float32Array>): Graph {
  const tensors = new Map(graph.tensors);
  for (const [name, replacement] of values) {
    const tensor = tensors.get(name);
    if (tensor?.values.length !== replacement.length) throw new RangeError(`"${name}" is no tensor of ${replacement.length} values`);
    tensors.set(name, { ...tensor, values: replacement });
  }
  return { ...graph, tensors };
}

/** The part of a graph that computes one of its values. Tensors that this part does not use are left out. */
export function upTo(graph: Graph, value: string): Graph {
  const needed = new Set([value]);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  }).reverse();
  return { ...graph, outputs: [value], nodes, tensors: new Map([...graph.tensors].filter(([name]) => needed.has(name))) };
}
