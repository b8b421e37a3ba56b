import type { Node } from '../graph/graph';

/**
 * Models made for viewing name every intermediate layer as an output. Where one output is computed from all the others,
 * it alone is what the model was trained to give.
 */
export function finalOutputs(nodes: readonly Node[], outputs: readonly string[]): readonly string[] {
  const final = outputs.filter((output) => {
    const sources = sourcesOf(nodes, output);
    return outputs.every((other) => other === output || sources.has(other));
  });
  return final.length === 0 ? outputs : final.slice(0, 1);
}

/** Everything that a value is computed from; `nodes` are in topological order. */
function sourcesOf(nodes: readonly Node[], name: string): ReadonlySet<string> {
  const sources = new Set([name]);
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((output) => sources.has(output))) for (const input of node.inputs) sources.add(input);
  }
  return sources;
}
