import { z } from 'zod';
import { masked } from '../call';
import type { Layer, LayerContext } from '../layer';
import { unlike } from '../masking';
import type { Value } from '../value';
import { lowerTriangle } from './attention';
import { softmaxOfCounted } from './softmax';

const size = z.number().int().positive();
/** Settings that change what is computed, and that nothing here does. */
const beyond = { use_gate: z.unknown().optional(), sliding_window: z.unknown().optional(), attention_axes: z.unknown().optional() };
const multiHead = z.object({
  num_heads: size,
  key_dim: size,
  value_dim: size.nullish(),
  use_bias: z.boolean().default(true),
  output_shape: z.union([size, z.tuple([size])]).nullish(),
  ...beyond,
});
const grouped = z.object({
  head_dim: size,
  num_query_heads: size,
  num_key_value_heads: size,
  use_bias: z.boolean().default(true),
  ...beyond,
});

/** How many heads look, and what they look at. */
interface Heads {
  readonly queries: number;
  readonly keys: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly bias: boolean;
  readonly output: number | undefined;
  /** What the names of its parts begin with in a file that numbers its weights. */
  readonly prefix: string;
}

/** A. Vaswani et al., 2017. */
export const multiHeadAttention: Layer = (context) => {
  const config = context.config(multiHead);
  requirePlain(context, config);
  const { num_heads: heads, output_shape: output } = config;
  return attend(context, { queries: heads, keys: heads, keySize: config.key_dim, valueSize: config.value_dim ?? config.key_dim, bias: config.use_bias, output: (Array.isArray(output) ? output[0] : output) ?? undefined, prefix: context.generation < 3 ? '_' : '' });
};

/** J. Ainslie et al., 2023: several queries share one key and value. */
export const groupedQueryAttention: Layer = (context) => {
  const config = context.config(grouped);
  requirePlain(context, config);
  return attend(context, { queries: config.num_query_heads, keys: config.num_key_value_heads, keySize: config.head_dim, valueSize: config.head_dim, bias: config.use_bias, output: undefined, prefix: '_' });
};

function requirePlain(context: LayerContext, settings: Readonly<Record<string, unknown>>): void {
  // Attention along the one axis of steps is what a layer does by itself.
  const set = Object.keys(beyond).find((name) => ![undefined, null, false].includes(settings[name] as null) && JSON.stringify([settings[name]].flat()) !== '[1]');
  if (set !== undefined) throw context.refusal(set);
}

function attend(context: LayerContext, heads: Heads): Value | readonly Value[] {
  const [query, value] = [given(context, 'query', 0), given(context, 'value', 1)];
  const key = given(context, 'key', 2) ?? value;
  if (query === undefined || value === undefined || key === undefined) throw context.refusal('a query or a value that is no tensor');
  if ([query, value, key].some(({ shape }) => shape.length !== 2)) throw context.refusal('inputs that are not sequences of vectors');
  const { builder } = context.emitter;
  const project = (part: string, input: Value, count: number, width: number): string => {
    context.enter(`${heads.prefix}${part}_dense`, part);
    const rows = input.shape[1] ?? 1;
    const kernel = context.emit('Reshape', [context.weight('kernel', [rows, count, width]), builder.integers([rows, count * width])]);
    const product = context.emit('MatMul', [context.emitter.asShaped(context.name, input), kernel]);
    const shifted = heads.bias ? context.emit('Add', [product, context.emit('Reshape', [context.weight('bias', [count, width]), builder.integers([count * width])])]) : product;
    const apart = context.emit('Reshape', [shifted, builder.integers([0, input.shape[0] ?? 1, count, width])]);
    const perHead = context.emit('Transpose', [apart], { perm: [0, 2, 1, 3] });
    return count === heads.queries ? perHead : repeated(context, perHead, count, heads.queries / count, [input.shape[0] ?? 1, width]);
  };
  const queries = project('query', query, heads.queries, heads.keySize);
  const keys = project('key', key, heads.keys, heads.keySize);
  const values = project('value', value, heads.keys, heads.valueSize);
  const scaled = context.emit('Mul', [queries, builder.scalar(1 / Math.sqrt(heads.keySize))]);
  const scores = context.emit('MatMul', [scaled, context.emit('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
  const weights = softmaxOfCounted(context, scores, masksOf(context, query, value, key), context.generation >= 3);
  const gathered = context.emit('Transpose', [context.emit('MatMul', [weights, values])], { perm: [0, 2, 1, 3] });
  const steps = query.shape[0] ?? 1;
  const width = heads.queries * heads.valueSize;
  const flat = context.emit('Reshape', [gathered, builder.integers([0, steps, width])]);
  const output = heads.output ?? query.shape[1] ?? 1;
  context.enter(`${heads.prefix}output_dense`, 'attention_output');
  const kernel = context.emit('Reshape', [context.weight('kernel', [heads.queries, heads.valueSize, output]), builder.integers([width, output])]);
  const product = context.emit('MatMul', [flat, kernel]);
  const main = { name: heads.bias ? context.emit('Add', [product, context.weight('bias', [output])]) : product, shape: [steps, output], channelsMovedFirst: false, mask: query.mask };
  const seen = { name: weights, shape: [heads.queries, steps, key.shape[0] ?? 1], channelsMovedFirst: false };
  return context.flag('return_attention_scores') ? [main, seen] : main;
}

function given(context: LayerContext, name: string, position: number): Value | undefined {
  const tensor = context.tensorArgument(name, position);
  return tensor === undefined ? undefined : masked(tensor, context.argument(`${name}_mask`, -1));
}

/** Everything that says which pairs of steps count, each to be broadcast to (batch, heads, query steps, key steps). */
function masksOf(context: LayerContext, query: Value, value: Value, key: Value): readonly string[] {
  const { builder } = context.emitter;
  const along = (mask: string | undefined, axes: readonly number[]): readonly string[] => (mask === undefined ? [] : [context.emit('Unsqueeze', [mask, builder.integers(axes)])]);
  const causal = context.flag('use_causal_mask') ? along(lowerTriangle(context, query, key), [0]) : [];
  const given = context.tensorArgument('attention_mask', -1);
  // (batch, steps, steps) for all heads, or with an axis for them.
  const counted = given === undefined ? [] : [unlike(context, context.emitter.asShaped(context.name, given), builder.scalar(0))].flatMap((mask) => (given.shape.length === 2 ? along(mask, [1]) : [mask]));
  if (context.argument('attention_mask', -1) !== undefined && ![2, 3].includes(given?.shape.length ?? 0)) throw context.refusal('an attention_mask of another shape than (steps, steps)');
  return [...counted, ...along(query.mask, [1, 3]), ...along(value.mask, [1, 2]), ...(key === value ? [] : along(key.mask, [1, 2])), ...causal];
}

/** Each head several times, one after the other: (batch, heads, steps, width) → (batch, heads·times, steps, width). */
function repeated(context: LayerContext, value: string, heads: number, times: number, inner: readonly number[]): string {
  if (!Number.isInteger(times)) throw context.refusal(`${heads} heads of keys for other than a multiple of queries`);
  const { builder } = context.emitter;
  const apart = context.emit('Unsqueeze', [value, builder.integers([2])]);
  const copies = context.emit('Concat', Array<string>(times).fill(apart), { axis: 2 });
  return context.emit('Reshape', [copies, builder.integers([0, heads * times, ...inner])]);
}
