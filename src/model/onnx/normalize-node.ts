import type { GraphBuilder } from '../../graph/builder';
import type { AttributeValue, Node } from '../../graph/graph';
import { attention } from './attention';
import { batchNormalization } from './batch-normalization';

export interface Surroundings {
  /** Operator set of the model. */
  readonly version: number;
  readonly build: GraphBuilder;
  /** Values of a stored tensor, undefined for anything computed. */
  readonly constant: (name: string) => readonly number[] | undefined;
  /** Undefined where it cannot be worked out. */
  readonly rankOf: (name: string) => number | undefined;
  /** The same for a shape, whose first axis may be the batch. */
  readonly shapeOf: (name: string) => readonly number[] | undefined;
  /** Whole numbers that follow from shapes and constants alone; undefined for anything else. */
  readonly known: (name: string) => readonly number[] | undefined;
}

export type Rewrite = (node: Node, surroundings: Surroundings) => Node;

/**
 * Writes a node of operator set 9 to 24 as operator set 17 has it.
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

/** Up to operator set 9 an operator of its own, in 10 without the input for regions; both meant whole factors, and the nearest neighbour by default. */
const resize: Rewrite = (node, { version }) => {
  if (version >= 11) return node;
  return { ...node, operator: 'Resize', inputs: [node.inputs[0] ?? '', '', node.inputs[1] ?? ''], attributes: { ...node.attributes, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } };
};

/** Remainders of sizes, as PyTorch's older exporter computes with; of numbers that depend on data there is none here. */
const remainder: Rewrite = (node, { build, known }) => {
  const [whole = '', part = ''] = node.inputs;
  const numbers = [known(whole), known(part)];
  if (numbers.some((values) => values === undefined || values.some((value) => value < 0)) || numbers[1]?.includes(0) === true) return node;
  const covered = build.node('Mul', [build.node('Div', [whole, part], {}, { label: node.name }), part], {}, { label: node.name });
  return { ...node, operator: 'Sub', inputs: [whole, covered], attributes: {} };
};

/** A cast to the type of another value; what is not stored is a number like all that are computed with. */
const castLike: Rewrite = (node, { build }) => {
  const type = build.tensors.get(node.inputs[1] ?? '')?.dataType ?? 'float32';
  return { ...node, operator: 'Cast', inputs: node.inputs.slice(0, 1), attributes: { to: { float32: 1, int32: 6, int64: 7, bool: 9, float64: 1 }[type] } };
};

/** y = scale · x/√(mean(x²) + ε), the mean over the axes from `axis` on. */
const rmsNormalization: Rewrite = (node, { build, rankOf }) => {
  const [x = '', scale = ''] = node.inputs;
  const axis = Number(node.attributes['axis'] ?? -1);
  const rank = axis < 0 ? 0 : rankOf(x);
  if (rank === undefined) return node;
  const axes = Array.from({ length: axis < 0 ? -axis : rank - axis }, (_, index) => axis + index);
  const write = (operator: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string => build.node(operator, inputs, attributes, { label: node.name });
  const mean = write('ReduceMean', [write('Mul', [x, x])], { axes, keepdims: 1 });
  const root = write('Sqrt', [write('Add', [mean, build.scalar(Number(node.attributes['epsilon'] ?? 1e-5))])]);
  return { ...node, operator: 'Mul', inputs: [write('Div', [x, root]), scale], attributes: {} };
};

/** Training mode is off: the ratio, wherever it stands, has no effect. */
const dropout: Rewrite = (node) => ({ ...node, operator: 'Identity', inputs: node.inputs.slice(0, 1), outputs: node.outputs.slice(0, 1), attributes: {} });

const rewrites: Readonly<Record<string, Rewrite>> = {
  Attention: attention,
  BatchNormalization: batchNormalization,
  Cast: cast,
  CastLike: castLike,
  Clip: attributesToInputs(11, ['min', 'max'], 'scalar'),
  ConstantOfShape: constantOfShape,
  Dropout: dropout,
  LogSoftmax: softmax,
  Mod: remainder,
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
  Resize: resize,
  RMSNormalization: rmsNormalization,
  Slice: (node, context) => {
    const { starts, ends, axes } = node.attributes;
    if (context.version >= 10 || starts === undefined || ends === undefined) return node;
    const given = [starts, ends, ...(axes === undefined ? [] : [axes])].map((value) => context.build.integers(numbersOf(value).map(upToEnd)));
    return { ...node, inputs: [node.inputs[0] ?? '', ...given], attributes: {} };
  },
  Softmax: softmax,
  Split: split,
  Squeeze: attributesToInputs(13, ['axes'], 'integers'),
  Unsqueeze: attributesToInputs(13, ['axes'], 'integers'),
  Upsample: resize,
};

/** The end of an open slice is the largest of all whole numbers, which no double holds: as one it would be larger, and turn negative. */
function upToEnd(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

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
