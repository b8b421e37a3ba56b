import { UserError } from '../error';
import { GraphBuilder } from './builder';
import type { Graph, GraphInput, NamedTensor, Node } from './graph';
import type { RuleContext, TensorType } from './operator';
import { operatorRule } from './registry';
import { sizeOf } from './shapes';

/** A graph at one batch size, in primitive operators only, with the type of every value. */
export interface BoundGraph extends Graph {
  readonly types: ReadonlyMap<string, TensorType>;
  /** Integer values that follow from shapes and constants alone. */
  readonly known: ReadonlyMap<string, readonly number[]>;
}

/**
 * Fixes the batch size, expands composite operators and works out the type of every value.
 * Throws `UserError` `operator-unsupported` or `shape-mismatch`, naming node and operator.
 */
export function bind(graph: Graph, size: { readonly batch: number }): BoundGraph {
  const types = new Map<string, TensorType>();
  const known = new Map<string, readonly number[]>();
  const build = new GraphBuilder(graph, false);
  for (const input of graph.inputs) types.set(input.name, { dataType: input.dataType, shape: boundShape(input, size.batch) });
  const addTensors = (): void => {
    for (const tensor of build.tensors.values()) {
      if (types.has(tensor.name)) continue;
      if (tensor.values.length !== sizeOf(tensor.shape)) throw new UserError('shape-mismatch', `tensor "${tensor.name}" has ${tensor.values.length} values, but its shape [${tensor.shape.join(', ')}] needs ${sizeOf(tensor.shape)}.`, { remedy: 'Save or export the model again: its file contradicts itself.' });
      types.set(tensor.name, { dataType: tensor.dataType, shape: tensor.shape });
      if (isIndex(tensor)) known.set(tensor.name, Array.from(tensor.values, Number));
    }
  };
  const visit = (node: Node): void => {
    addTensors();
    const rule = operatorRule(node);
    if (rule === undefined) throw new UserError('operator-unsupported', `node "${node.name}": operator ${node.operator}${node.domain === undefined || node.domain === '' ? '' : ` (${node.domain})`} is not supported yet.`, { remedy: 'Export the model with other operators in this place; docs/engines.md lists those that are read.' });
    const context = ruleContext(node, types, known, build.tensors);
    if ('expand' in rule) {
      const start = build.nodes.length;
      rule.expand(context, build);
      for (const part of build.nodes.splice(start)) visit({ ...part, name: node.name });
      return;
    }
    const outputs = rule.types(context);
    node.outputs.forEach((output, index) => {
      const type = outputs[index];
      if (output !== '' && type !== undefined) types.set(output, type);
    });
    const folded = rule.fold?.(context);
    if (folded !== undefined && node.outputs[0] !== undefined) known.set(node.outputs[0], folded);
    build.nodes.push(node);
  };
  for (const node of graph.nodes) visit(node);
  addTensors();
  const inputs = graph.inputs.map((input) => ({ ...input, shape: boundShape(input, size.batch) }));
  return { inputs, outputs: graph.outputs, nodes: build.nodes, tensors: build.tensors, types, known };
}

/** Shape and element type of every value of the graph at one batch size. Throws as `bind` does. */
export function inferShapes(graph: Graph, size: { readonly batch: number }): ReadonlyMap<string, TensorType> {
  return bind(graph, size).types;
}

/** What a rule may ask about `node`, answered from the bound types. */
export function ruleContext(node: Node, types: ReadonlyMap<string, TensorType>, known: ReadonlyMap<string, readonly number[]>, tensors: ReadonlyMap<string, NamedTensor>): RuleContext {
  const refuse = (code: string, message: string): never => {
    throw new UserError(code, `in node "${node.name}" (${node.operator}): ${message}`, { remedy: code === 'shape-mismatch' ? 'Check that the shape of the records in data.train is the one that the model was trained with; else export the model again.' : 'Export the model with other operators in this place; docs/engines.md lists those that are read.' });
  };
  const nameOf = (index: number): string => node.inputs[index] ?? '';
  return {
    node,
    has: (index) => nameOf(index) !== '',
    input: (index) => types.get(nameOf(index)) ?? refuse('shape-mismatch', nameOf(index) === '' ? `input ${index} is missing.` : `input "${nameOf(index)}" is not defined before it is used.`),
    integers: (index) => known.get(nameOf(index)) ?? refuse('operator-unsupported', `input ${index} ("${nameOf(index)}") must not depend on data.`),
    numbers: (index) => {
      const values = tensors.get(nameOf(index))?.values;
      return values === undefined ? refuse('operator-unsupported', `input ${index} ("${nameOf(index)}") must be a constant.`) : Array.from(values, Number);
    },
    foldable: (index) => known.get(nameOf(index)),
    constant: (index) => {
      if (nameOf(index) === '') return undefined;
      const value = tensors.get(nameOf(index))?.values[0] ?? known.get(nameOf(index))?.[0];
      return value === undefined ? refuse('operator-unsupported', `input ${index} ("${nameOf(index)}") must be a constant.`) : Number(value);
    },
    mismatch: (message) => refuse('shape-mismatch', message),
    unsupported: (message) => refuse('operator-unsupported', message),
  };
}

const boundShape = (input: GraphInput, batch: number): readonly number[] => input.shape.map((size) => (size === 'batch' ? batch : size));

/** Large integer tensors are lookup data, not shapes. */
const isIndex = (tensor: NamedTensor): boolean => (tensor.dataType === 'int64' || tensor.dataType === 'int32') && tensor.role === 'constant' && tensor.values.length <= 4096;
