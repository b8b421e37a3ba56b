import { UserError } from '../error';
import type { BoundGraph } from './bind';
import { ruleContext } from './bind';
import type { GraphBuilder } from './builder';
import type { Node } from './graph';
import type { GradientContext, PrimitiveOperator, TensorType } from './operator';
import { operatorRule } from './registry';
import { sizeOf } from './shapes';

/**
 * Reverse-mode differentiation: appends to `build` (which holds the nodes of `graph`) the nodes that compute, for each name in `wanted`,
 * the gradient of Σ seed·output. Returns the names of the gradients, each of the shape of its value.
 * Throws `UserError` `operator-unsupported` where an operator on the way has no gradient.
 */
export function differentiate(build: GraphBuilder, graph: BoundGraph, output: string, seed: string, wanted: readonly string[]): ReadonlyMap<string, string> {
  const depends = dependants(graph.nodes, wanted);
  const contributions = new Map<string, string[]>([[output, [seed]]]);
  const total = (value: string): string | undefined => {
    const parts = contributions.get(value) ?? [];
    if (parts.length > 1) contributions.set(value, [build.node('Sum', parts)]);
    return contributions.get(value)?.[0];
  };
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => depends.has(name))) continue;
    const gradients = node.outputs.map(total);
    if (gradients.every((gradient) => gradient === undefined)) continue;
    const inputs = gradientRule(node)(gradientContext(build, graph, node, gradients, depends));
    inputs.forEach((gradient, index) => {
      const name = node.inputs[index];
      if (gradient === undefined || name === undefined || !depends.has(name)) return;
      const parts = contributions.get(name);
      if (parts === undefined) contributions.set(name, [gradient]);
      else parts.push(gradient);
    });
  }
  return new Map(wanted.map((name) => [name, total(name) ?? zeros(build, graph.types.get(name))]));
}

/** Every value that a change in `sources` can reach. */
function dependants(nodes: readonly Node[], sources: readonly string[]): ReadonlySet<string> {
  const reached = new Set(sources);
  for (const node of nodes) {
    if (node.inputs.some((name) => reached.has(name))) for (const name of node.outputs) if (name !== '') reached.add(name);
  }
  return reached;
}

function gradientRule(node: Node): NonNullable<PrimitiveOperator['gradient']> {
  const rule = operatorRule(node);
  if (rule === undefined || 'expand' in rule || rule.gradient === undefined) throw new UserError('operator-unsupported', `node "${node.name}": operator ${node.operator} has no gradient.`, { remedy: 'Export the model with other operators in this place; docs/engines.md lists those that are trained.' });
  return rule.gradient;
}

function gradientContext(build: GraphBuilder, graph: BoundGraph, node: Node, gradients: readonly (string | undefined)[], depends: ReadonlySet<string>): GradientContext {
  const base = ruleContext(node, graph.types, graph.known, graph.tensors);
  return {
    ...base,
    build,
    name: (index) => node.inputs[index] ?? '',
    output: (index) => graph.types.get(node.outputs[index] ?? '') ?? base.mismatch(`output ${index} has no type.`),
    gradient: gradients[0] ?? zeros(build, graph.types.get(node.outputs[0] ?? '')),
    gradients,
    wanted: (index) => depends.has(node.inputs[index] ?? ''),
  };
}

function zeros(build: GraphBuilder, type: TensorType | undefined): string {
  const shape = type?.shape ?? [];
  return build.node('Expand', [build.scalar(0), build.integers(shape)], {}, { label: `zeros of ${sizeOf(shape)}` });
}
