import type { AttributeValue, DataType, Dimension, Graph, GraphInput, NamedTensor, Node, TensorValues } from './graph';

export interface NodeOptions {
  readonly domain?: string;
  /** Label for messages to people. */
  readonly label?: string;
  /** Names of the outputs; fresh ones otherwise. */
  readonly outputs?: readonly string[];
}

/** Writes a graph node by node. Every name it makes up is new to the graph; equal integer and scalar constants are shared. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly inputs: GraphInput[] = [];
  readonly tensors = new Map<string, NamedTensor>();
  private readonly outputs: string[] = [];
  private readonly used = new Set<string>();
  private readonly shared = new Map<string, string>();

  /** Starts with the inputs, tensors and (unless `withNodes` is false) nodes of `base`; outputs are declared anew. */
  constructor(base?: Pick<Graph, 'inputs' | 'nodes' | 'tensors'>, withNodes = true) {
    if (base === undefined) return;
    for (const input of base.inputs) this.inputs.push(input);
    for (const [name, tensor] of base.tensors) this.tensors.set(name, tensor);
    if (withNodes) this.nodes.push(...base.nodes);
    const names = [...base.inputs.map((input) => input.name), ...base.tensors.keys(), ...base.nodes.flatMap((node) => node.outputs)];
    for (const name of names) this.used.add(name);
  }

  /** A name that nothing in the graph has yet; it is reserved from now on. */
  fresh(stem: string): string {
    let name = stem;
    for (let suffix = 1; this.used.has(name); suffix++) name = `${stem}_${suffix}`;
    this.used.add(name);
    return name;
  }

  /** Declares an input of the graph under a new name like `stem`. */
  input(stem: string, shape: readonly Dimension[], dataType: DataType = 'float32'): string {
    const name = this.fresh(stem);
    this.inputs.push({ name, dataType, shape });
    return name;
  }

  tensor(tensor: NamedTensor): string {
    this.used.add(tensor.name);
    this.tensors.set(tensor.name, tensor);
    return tensor.name;
  }

  /** A constant that never saw data. */
  constant(values: TensorValues, shape: readonly number[], dataType: DataType = 'float32'): string {
    return this.tensor({ name: this.fresh('constant'), dataType, shape, role: 'constant', values });
  }

  /** One-dimensional int64 constant, as axes, shapes and pads are given. */
  integers(values: readonly number[]): string {
    return this.once(`i${values.join(',')}`, () => this.constant(BigInt64Array.from(values, BigInt), [values.length], 'int64'));
  }

  /** Zero-dimensional float32 constant. */
  scalar(value: number): string {
    return this.once(`f${value}`, () => this.constant(Float32Array.of(value), []));
  }

  /** A node with one output; returns its name. */
  node(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}, options: NodeOptions = {}): string {
    const output = options.outputs?.[0] ?? this.fresh(operator);
    this.push(operator, inputs, [output], attributes, options);
    return output;
  }

  /** A node with `count` outputs. */
  split(operator: string, inputs: readonly string[], count: number, attributes: Readonly<Record<string, AttributeValue>> = {}, options: NodeOptions = {}): readonly string[] {
    const outputs = options.outputs ?? Array.from({ length: count }, () => this.fresh(operator));
    this.push(operator, inputs, outputs, attributes, options);
    return outputs;
  }

  /** Asks the node that writes `value` for its optional output at `index` as well, and returns that output's name. */
  extraOutput(value: string, index: number): string {
    const position = this.nodes.findIndex((node) => node.outputs[0] === value);
    const node = this.nodes[position];
    if (node === undefined) throw new RangeError(`no node writes ${value}`);
    const present = node.outputs[index];
    if (present !== undefined && present !== '') return present;
    const outputs = Array.from({ length: Math.max(index + 1, node.outputs.length) }, (_, at) => node.outputs[at] ?? '');
    const name = this.fresh(`${node.operator}_extra`);
    outputs[index] = name;
    this.nodes[position] = { ...node, outputs };
    return name;
  }

  output(name: string): void {
    this.outputs.push(name);
  }

  build(): Graph {
    return { inputs: [...this.inputs], outputs: [...this.outputs], nodes: [...this.nodes], tensors: new Map(this.tensors) };
  }

  private push(operator: string, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>>, options: NodeOptions): void {
    for (const output of outputs) this.used.add(output);
    const node = { operator, name: options.label ?? outputs[0] ?? operator, inputs, outputs, attributes };
    this.nodes.push(options.domain === undefined ? node : { ...node, domain: options.domain });
  }

  private once(key: string, make: () => string): string {
    const known = this.shared.get(key) ?? make();
    this.shared.set(key, known);
    return known;
  }
}
