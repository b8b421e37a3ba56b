import { z } from 'zod';
import type { LayerContext } from './layer';
import type { Value } from './value';

/** Layers behind which the same steps count as in front of them. */
const keeps = new Set([
  'Activation', 'ActivityRegularization', 'AlphaDropout', 'BatchNormalization', 'Dense', 'Dropout', 'ELU', 'GaussianDropout', 'GaussianNoise',
  'GroupNormalization', 'LayerNormalization', 'LeakyReLU', 'PReLU', 'ReLU', 'Softmax', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D', 'ThresholdedReLU', 'UnitNormalization',
]);
/** The same, in Keras 3 alone. */
const keepsInKeras3 = new Set(['Identity', 'Normalization', 'Rescaling']);
/** Layers that make masks, or that say themselves which steps of their output count. */
const makes = new Set(['AdditiveAttention', 'Attention', 'Bidirectional', 'Embedding', 'GRU', 'GroupQueryAttention', 'GroupedQueryAttention', 'LSTM', 'Masking', 'MultiHeadAttention', 'RNN', 'SimpleRNN', 'TimeDistributed']);
const merges = new Set(['Add', 'Average', 'Maximum', 'Minimum', 'Multiply', 'Subtract']);
/** Layers whose result depends on a mask in a way that is not supported here. */
const unread = new Set(['ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D']);

/**
 * The output of a layer with the mask that Keras gives it: that of its input, a new one, that of several inputs together, or none.
 * @throws UserError layer-unsupported where a layer reads a mask and nothing here does so
 */
export function withMask(context: LayerContext, inputs: readonly Value[], { mask, ...output }: Value): Value {
  const { className, generation } = context;
  if (makes.has(className)) return { ...output, mask };
  const given = inputs.map((input) => input.mask);
  if (given.every((each) => each === undefined)) return output;
  if (unread.has(className)) throw context.refusal('a mask on its input');
  if (className === 'Concatenate') return { ...output, mask: concatenated(context, inputs) };
  if (merges.has(className)) return { ...output, mask: merged(context, given) };
  return keeps.has(className) || (generation >= 3 && keepsInKeras3.has(className)) ? { ...output, mask: given[0] } : output;
}

/** Whether the output of a layer depends on the mask of its input. */
export function readsMask(className: string): boolean {
  return unread.has(className) || className === 'GlobalAveragePooling1D' || (makes.has(className) && !['Embedding', 'Masking'].includes(className));
}

/** Keras 2: whatever every mask that there is lets through. Keras 3: nothing where an input has none, else what any lets through. */
function merged(context: LayerContext, masks: readonly (string | undefined)[]): string | undefined {
  if (context.generation >= 3 && masks.includes(undefined)) return undefined;
  const [first, ...others] = masks.filter((mask) => mask !== undefined);
  return others.reduce((both, mask) => context.emit(context.generation >= 3 ? 'Max' : 'Mul', [both ?? '', mask]), first);
}

/** The masks of inputs that are put side by side, or one behind the other along the axis of steps. An input without a mask counts everywhere. */
function concatenated(context: LayerContext, inputs: readonly Value[]): string | undefined {
  const { axis } = context.config(z.object({ axis: z.number().int().default(-1) }));
  const rank = (inputs[0]?.shape.length ?? 0) + 1;
  const masks = inputs.map(({ mask }) => mask);
  if (rank < 3) throw context.refusal('a mask on its input');
  if (axis === -1 || axis === rank - 1) {
    const [first, ...others] = masks.filter((mask) => mask !== undefined);
    if (context.generation >= 3 && masks.includes(undefined)) return undefined;
    return others.reduce((both, mask) => context.emit(context.generation >= 3 ? 'Max' : 'Mul', [both ?? '', mask]), first);
  }
  if (axis !== 1) throw context.refusal(`a mask and the axis ${axis}`);
  const steps = inputs.map((input) => input.mask ?? everywhere(context, input));
  return context.emit('Concat', steps, { axis: 1 });
}

/** A mask that lets every step through. */
function everywhere(context: LayerContext, input: Value): string {
  const steps = context.emit('ReduceMax', [context.emitter.asShaped(context.name, input)], { axes: input.shape.slice(1).map((_, axis) => axis + 2), keepdims: 0 });
  return context.emit('Cast', [context.emit('Equal', [steps, steps])], { to: 1 });
}

/** 1 where the two values are not equal, else 0. */
export function unlike(context: LayerContext, left: string, right: string): string {
  return context.emit('Sub', [context.emitter.builder.scalar(1), context.emit('Cast', [context.emit('Equal', [left, right])], { to: 1 })]);
}
