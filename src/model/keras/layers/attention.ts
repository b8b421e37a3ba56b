import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';
import { softmaxOfCounted } from './softmax';

/** What attention works on, each as (batch, steps, features). */
interface Attended {
  readonly query: Value;
  readonly value: Value;
  readonly key: Value;
}

const densely = z.object({ use_scale: z.boolean().default(false), score_mode: z.enum(['dot', 'concat']).default('dot'), causal: z.boolean().default(false) });

/** T. Luong, H. Pham, C. Manning, 2015: softmax(q·k)·v, or with Σ tanh(q + k) for the product. */
export const attention: Layer = (context, inputs) => {
  const config = context.config(densely);
  const attended = read(context, inputs);
  const scale = config.use_scale ? context.weight('scale', []) : undefined;
  const scaled = (value: string): string => (scale === undefined ? value : context.emit('Mul', [value, scale]));
  if (config.score_mode === 'dot') return densityOf(context, attended, scaled(products(context, attended.query.name, attended.key.name)), config.causal);
  const weight = context.weight('concat_score_weight', []);
  return densityOf(context, attended, context.emit('Mul', [sums(context, attended, scaled), weight]), config.causal);
};

/** D. Bahdanau, K. Cho, Y. Bengio, 2015: the scores are Σ s·tanh(q + k). */
export const additiveAttention: Layer = (context, inputs) => {
  const config = context.config(densely.extend({ use_scale: z.boolean().default(true) }));
  const attended = read(context, inputs);
  const scale = config.use_scale ? context.weight('scale', [attended.query.shape[1] ?? 1]) : undefined;
  const pairs = pairsOf(context, attended);
  const curved = context.emit('Tanh', [pairs]);
  const weighted = scale === undefined ? curved : context.emit('Mul', [curved, scale]);
  return densityOf(context, attended, total(context, weighted), config.causal);
};

/** Three tensors as the layer is given them; the key is the value unless it is given. */
function read(context: LayerContext, inputs: readonly Value[]): Attended {
  const given = context.argument('inputs', 0);
  if (!Array.isArray(given)) throw context.refusal('arguments other than [query, value, key]');
  const [query, value, key = value] = inputs.map((input): Value => ({ ...input, name: context.emitter.asShaped(context.name, input), channelsMovedFirst: false }));
  if (query === undefined || value === undefined || key === undefined || [query, value, key].some(({ shape }) => shape.length !== 2)) throw context.refusal('inputs that are not sequences of vectors');
  return { query, value, key };
}

function products(context: LayerContext, query: string, key: string): string {
  return context.emit('MatMul', [query, context.emit('Transpose', [key], { perm: [0, 2, 1] })]);
}

/** q + k for every pair of steps: (batch, query steps, key steps, features). */
function pairsOf(context: LayerContext, { query, key }: Attended): string {
  const { builder } = context.emitter;
  return context.emit('Add', [context.emit('Unsqueeze', [query.name, builder.integers([2])]), context.emit('Unsqueeze', [key.name, builder.integers([1])])]);
}

function sums(context: LayerContext, attended: Attended, scaled: (value: string) => string): string {
  return total(context, context.emit('Tanh', [scaled(pairsOf(context, attended))]));
}

function total(context: LayerContext, value: string): string {
  return context.emit('ReduceSum', [value, context.emitter.builder.integers([3])], { keepdims: 0 });
}

function densityOf(context: LayerContext, { query, value, key }: Attended, scores: string, causal: boolean): readonly Value[] | Value {
  const counts = causal || context.flag('use_causal_mask') ? [lowerTriangle(context, query, key)] : [];
  if (value.mask !== undefined) counts.push(context.emit('Unsqueeze', [value.mask, context.emitter.builder.integers([1])]));
  const weights = softmaxOfCounted(context, scores, counts, false);
  const plain = context.emit('MatMul', [weights, value.name]);
  const name = query.mask === undefined ? plain : context.emit('Mul', [plain, context.emit('Unsqueeze', [query.mask, context.emitter.builder.integers([2])])]);
  const output = { name, shape: [query.shape[0] ?? 1, value.shape[1] ?? 1], channelsMovedFirst: false, mask: query.mask };
  return context.flag('return_attention_scores') ? [output, { name: weights, shape: [query.shape[0] ?? 1, key.shape[0] ?? 1], channelsMovedFirst: false }] : output;
}

/** 1 where the key's step is not after the query's: (1, query steps, key steps). */
export function lowerTriangle(context: LayerContext, query: Value, key: Value): string {
  const [rows, columns] = [query.shape[0] ?? 1, key.shape[0] ?? 1];
  return context.emitter.builder.constant(Float32Array.from({ length: rows * columns }, (_, at) => (at % columns <= Math.floor(at / columns) ? 1 : 0)), [1, rows, columns]);
}
