import type { GraphBuilder } from '../../graph/builder';
import type { AttributeValue, Node } from '../../graph/graph';
import { batchNormalization } from './batch-normalization';

export interface Surroundings {
  /** Operator set of the model. */
  readonly version: number;
  readonly build: GraphBuilder;
  /** Values of a stored tensor, undefined for anything computed. */
  readonly constant: (name: string) => readonly number[] | undefined;
  /** Undefined where it cannot be worked out. */
  readonly rankOf: (name: string) => number | undefined;
}

export type Rewrite = (node: Node, surroundings: Surroundings) => Node;

/**
 * Writes a node of operator set 9 to 21 as operator set 17 has it.
 * Only operators whose form changed in between are listed; the rest mean the same in all of these versions.
 */
export function normalizeNode(node: Node, surroundings: Surroundings): Node {
  return (Object.hasOwn(rewrites, node.operator) ? rewrites[node.operator]?.(node, surroundings) : undefined) ?? node;
}

/** Attributes that became inputs, in the order of the inputs; the first input is the data. */
function attributesToInputs(since: number, names: readonly string[], kind: 'integers' | 'scalar'): Rewrite {
  return (node, { version, build }) => {
    if (version >= since || names.every((name) => node.attributes[name] === undefined)) return node;
    const inputs = names.map((name) => {
      const value = node.attributes[name];
      if (value === undefined) return '';
      return kind === 'integers' ? build.integers(numbersOf(value)) : build.scalar(numbersOf(value)[0] ?? 0);
    });
    return { ...node, inputs: [node.inputs[0] ?? '', ...trimmed(inputs)], attributes: without(node.attributes, names) };
  };
}

/** An input that was an attribute up to operator set 17, when no axes always meant all of them. */
const axesToAttribute: Rewrite = (node, { version, constant }) => {
  if (version < 18) return node;
  const [data = '', given = ''] = node.inputs;
  const axes = given === '' ? [] : constant(given);
  if (axes === undefined) return node;
  const attributes = without(node.attributes, ['noop_with_empty_axes']);
  if (axes.length > 0) return { ...node, inputs: [data], attributes: { ...attributes, axes } };
  return Number(node.attributes['noop_with_empty_axes'] ?? 0) === 1 ? { ...node, operator: 'Identity', inputs: [data], attributes: {} } : { ...node, inputs: [data], attributes };
};

/** Before operator set 13 the default axis was 1, and all axes from there on were one. */
const softmax: Rewrite = (node, { version, build, rankOf }) => {
  if (version >= 13) return node;
  const axis = Number(node.attributes['axis'] ?? 1);
  const rank = rankOf(node.inputs[0] ?? '');
  if (axis === -1 || axis + 1 === rank) return { ...node, attributes: { axis: -1 } };
  const flat = build.node('Flatten', [node.inputs[0] ?? ''], { axis }, { label: node.name });
  const result = build.node(node.operator, [flat], { axis: -1 }, { label: node.name });
  const shape = build.node('Shape', [node.inputs[0] ?? ''], {}, { label: node.name });
  return { ...node, operator: 'Reshape', inputs: [result, shape], attributes: {} };
};

/** Since operator set 18 the number of equal parts can be written down; before, it went without saying. */
const split: Rewrite = (node, context) => {
  const { attributes, ...rest } = attributesToInputs(13, ['split'], 'integers')(node, context);
  return { ...rest, attributes: without(attributes, ['num_outputs']) };
};

/** float16 and bfloat16 models are computed in float32. */
const cast: Rewrite = (node) => ([10, 11, 16].includes(Number(node.attributes['to'])) ? { ...node, attributes: { to: 1 } } : node);

const constantOfShape: Rewrite = (node, { build }) => {
  const value = Number(node.attributes['value'] ?? 0);
  const filling = node.attributes['elementType'] === 7 ? build.integers([value]) : build.scalar(value);
  return { ...node, operator: 'Expand', inputs: [filling, node.inputs[0] ?? ''], attributes: {} };
};

const pad: Rewrite = (node, context) => {
  if (context.version >= 11) return node;
  const pads = node.attributes['pads'] ?? node.attributes['paddings'];
  const value = node.attributes['value'];
  return {
    ...node,
    inputs: [node.inputs[0] ?? '', context.build.integers(pads === undefined ? [] : numbersOf(pads)), context.build.scalar(value === undefined ? 0 : numbersOf(value)[0] ?? 0)],
    attributes: without(node.attributes, ['pads', 'paddings', 'value']),
  };
};

/** Training mode is off: the ratio, wherever it stands, has no effect. */
const dropout: Rewrite = (node) => ({ ...node, operator: 'Identity', inputs: node.inputs.slice(0, 1), outputs: node.outputs.slice(0, 1), attributes: {} });

const rewrites: Readonly<Record<string, Rewrite>> = {
  BatchNormalization: batchNormalization,
  Cast: cast,
  Clip: attributesToInputs(11, ['min', 'max'], 'scalar'),
  ConstantOfShape: constantOfShape,
  Dropout: dropout,
  LogSoftmax: softmax,
  Pad: pad,
  ReduceL1: axesToAttribute,
  ReduceL2: axesToAttribute,
  ReduceLogSum: axesToAttribute,
  ReduceLogSumExp: axesToAttribute,
  ReduceMax: axesToAttribute,
  ReduceMean: axesToAttribute,
  ReduceMin: axesToAttribute,
  ReduceProd: axesToAttribute,
  ReduceSum: attributesToInputs(13, ['axes'], 'integers'),
  ReduceSumSquare: axesToAttribute,
  Slice: (node, context) => {
    const { starts, ends, axes } = node.attributes;
    if (context.version >= 10 || starts === undefined || ends === undefined) return node;
    const given = [starts, ends, ...(axes === undefined ? [] : [axes])].map((value) => context.build.integers(numbersOf(value)));
    return { ...node, inputs: [node.inputs[0] ?? '', ...given], attributes: {} };
  },
  Softmax: softmax,
  Split: split,
  Squeeze: attributesToInputs(13, ['axes'], 'integers'),
  Unsqueeze: attributesToInputs(13, ['axes'], 'integers'),
};

function numbersOf(value: AttributeValue): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'string' ? [] : value.filter((item) => typeof item === 'number');
}

function trimmed(inputs: readonly string[]): readonly string[] {
  return inputs.slice(0, inputs.findLastIndex((input) => input !== '') + 1);
}

function without(attributes: Node['attributes'], names: readonly string[]): Node['attributes'] {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}
