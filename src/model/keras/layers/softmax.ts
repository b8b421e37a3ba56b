import type { LayerContext } from '../layer';

/**
 * A softmax over the last axis, of what all masks let through: the others get a billion less, as Keras has it.
 * @param clears whether a row of which nothing counts becomes zero
 */
export function softmaxOfCounted(context: LayerContext, scores: string, masks: readonly string[], clears: boolean): string {
  const { builder } = context.emitter;
  const [first, ...others] = masks;
  if (first === undefined) return context.emit('Softmax', [scores], { axis: -1 });
  const counts = others.reduce((both, mask) => context.emit('Mul', [both, mask]), first);
  const less = context.emit('Mul', [context.emit('Sub', [counts, builder.scalar(1)]), builder.scalar(1e9)]);
  const weights = context.emit('Softmax', [context.emit('Add', [scores, less])], { axis: -1 });
  return clears ? context.emit('Mul', [weights, counts]) : weights;
}
