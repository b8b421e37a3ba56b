import { GraphBuilder } from '../../graph/builder';
import type { AttributeValue, NamedTensor } from '../../graph/graph';
import { Findings } from './findings';
import { sizeOf, type Value } from './value';

/** Writes the graph of a Keras model while its layers are walked in topological order. */
export class Emitter {
  readonly builder = new GraphBuilder();
  readonly findings: Findings;
  readonly #written = new Map<string, string>();

  constructor(findings = new Findings()) {
    this.findings = findings;
  }

  /** Emits one operator with one output and returns the name of that output. */
  emit(layer: string, operator: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.builder.node(operator, inputs, attributes, { label: layer, outputs: [this.builder.fresh(`${layer}/${operator}`)] });
  }

  /** Adds a stored tensor under its own name, once: a layer that is called twice shares it. */
  tensor(tensor: NamedTensor): string {
    return this.builder.tensors.has(tensor.name) ? tensor.name : this.builder.tensor(tensor);
  }

  /** The same operator on the same value, emitted once: the transposed kernel of a layer that is called twice. */
  once(layer: string, operator: string, input: string, attributes: Readonly<Record<string, AttributeValue>>): string {
    const key = JSON.stringify([operator, input, attributes]);
    const output = this.#written.get(key) ?? this.emit(layer, operator, [input], attributes);
    this.#written.set(key, output);
    return output;
  }

  /** The ONNX value in the axis order of `value.shape`. */
  asShaped(layer: string, value: Value): string {
    if (!value.channelsMovedFirst) return value.name;
    const rank = value.shape.length + 1;
    return this.once(layer, 'Transpose', value.name, { perm: [0, ...range(2, rank), 1] });
  }

  /** The ONNX value as (batch, channels, …spatial), given that the last axis of `value.shape` holds the channels. */
  channelsFirst(layer: string, value: Value): string {
    if (value.channelsMovedFirst) return value.name;
    const rank = value.shape.length + 1;
    return this.once(layer, 'Transpose', value.name, { perm: [0, rank - 1, ...range(1, rank - 1)] });
  }

  /** Gives each element of a batch a new shape of the same size. */
  reshape(layer: string, value: Value, shape: readonly number[]): Value {
    if (sizeOf(shape) !== sizeOf(value.shape)) throw new RangeError(`${layer}: ${value.shape.join('×')} cannot become ${shape.join('×')}`);
    const target = this.builder.integers([0, ...shape]);
    return { name: this.emit(layer, 'Reshape', [this.asShaped(layer, value), target]), shape, channelsMovedFirst: false };
  }

}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
