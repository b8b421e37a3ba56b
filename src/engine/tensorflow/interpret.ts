import type { Tensor } from '@tensorflow/tfjs';
import { UserError } from '../../error';
import { ruleContext } from '../../graph/bind';
import type { BoundGraph } from '../../graph/bind';
import type { NamedTensor, Node } from '../../graph/graph';
import type { KernelContext, KernelFamily, TensorFlow } from './kernel';
import { convolutions } from './kernels/convolution';
import { dense } from './kernels/dense';
import { elementwise } from './kernels/elementwise';
import { indexing } from './kernels/indexing';
import { normalizations } from './kernels/normalization';
import { pooling } from './kernels/pooling';
import { reductions } from './kernels/reduction';
import { shaping } from './kernels/shape';

const kernels: KernelFamily = { ...convolutions, ...dense, ...elementwise, ...indexing, ...normalizations, ...pooling, ...reductions, ...shaping };

/** The operators that this engine has a kernel for. */
export const interpretedOperators: readonly string[] = Object.keys(kernels).sort();

/** Runs the nodes of a bound graph one after the other; `values` holds inputs and tensors by name. Returns `values`, completed. */
export function interpret(tf: TensorFlow, graph: BoundGraph, values: Map<string, Tensor>): ReadonlyMap<string, Tensor> {
  for (const node of graph.nodes) {
    const result = kernelOf(node)(kernelContext(tf, graph, node, values));
    const outputs = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
    node.outputs.forEach((name, index) => {
      const output = outputs[index];
      if (name !== '' && output !== undefined) values.set(name, output);
    });
  }
  return values;
}

/** A stored tensor as TensorFlow has it; 64-bit numbers become 32-bit ones. */
export function toTensor(tf: TensorFlow, tensor: NamedTensor): Tensor {
  const shape = [...tensor.shape];
  const { values } = tensor;
  if (tensor.dataType === 'bool') return tf.tensor(Uint8Array.from(values, Number), shape, 'bool');
  if (tensor.dataType === 'int32' || tensor.dataType === 'int64') return tf.tensor(Int32Array.from(values, Number), shape, 'int32');
  return tf.tensor(values instanceof Float32Array ? values : Float32Array.from(values, Number), shape);
}

function kernelOf(node: Node): KernelFamily[string] {
  const kernel = kernels[node.operator];
  if (kernel === undefined) throw new UserError('operator-unsupported', `node "${node.name}": operator ${node.operator} is not supported by the TensorFlow engine yet.`, { remedy: 'Use the onnxruntime engine.' });
  return kernel;
}

function kernelContext(tf: TensorFlow, graph: BoundGraph, node: Node, values: ReadonlyMap<string, Tensor>): KernelContext {
  const tensor = (index: number): Tensor => {
    const value = values.get(node.inputs[index] ?? '');
    if (value === undefined) throw new RangeError(`node "${node.name}" (${node.operator}): input ${index} is missing`);
    return value;
  };
  return {
    tf,
    rule: ruleContext(node, graph.types, graph.known, graph.tensors),
    tensor,
    tensors: node.inputs.flatMap((name) => values.get(name) ?? []),
    outputShape: [...(graph.types.get(node.outputs[0] ?? '')?.shape ?? [])],
  };
}
