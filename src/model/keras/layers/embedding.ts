import { z } from 'zod';
import type { Layer } from '../layer';
import { unlike } from '../masking';

/** A row of a table for every number of the input, which Keras, too, takes as floating-point and rounds down. */
export const embedding: Layer = (context, inputs) => {
  const config = context.config(z.object({ input_dim: z.number().int().positive(), output_dim: z.number().int().positive(), mask_zero: z.boolean().nullish() }));
  const input = context.single(inputs);
  const table = context.weight('embeddings', [config.input_dim, config.output_dim]);
  const words = context.emitter.asShaped(context.name, input);
  const numbers = context.emit('Cast', [words], { to: 7 });
  const mask = config.mask_zero === true ? unlike(context, words, context.emitter.builder.scalar(0)) : undefined;
  return { name: context.emit('Gather', [table, numbers], { axis: 0 }), shape: [...input.shape, config.output_dim], channelsMovedFirst: false, mask };
};

/** Steps at which every feature has the value that stands for none do not count, and become zero. */
export const masking: Layer = (context, inputs) => {
  const { mask_value } = context.config(z.object({ mask_value: z.number().default(0) }));
  const input = context.single(inputs);
  if (input.shape.length < 2) throw context.refusal(`an input of shape (${input.shape.join(', ')})`);
  const name = context.emitter.asShaped(context.name, input);
  const counts = context.emit('ReduceMax', [unlike(context, name, context.emitter.builder.scalar(mask_value))], { axes: [-1], keepdims: 1 });
  const mask = context.emit('Squeeze', [counts, context.emitter.builder.integers([input.shape.length])]);
  return { name: context.emit('Mul', [name, counts]), shape: input.shape, channelsMovedFirst: false, mask };
};
