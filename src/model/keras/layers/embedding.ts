import { z } from 'zod';
import type { Layer } from '../layer';

/** A row of a table for every number of the input, which Keras, too, takes as floating-point and rounds down. */
export const embedding: Layer = (context, inputs) => {
  const config = context.config(z.object({ input_dim: z.number().int().positive(), output_dim: z.number().int().positive(), mask_zero: z.boolean().nullish() }));
  if (config.mask_zero === true) throw context.refusal('mask_zero');
  const input = context.single(inputs);
  const table = context.weight('embeddings', [config.input_dim, config.output_dim]);
  const numbers = context.emit('Cast', [context.emitter.asShaped(context.name, input)], { to: 7 });
  return { name: context.emit('Gather', [table, numbers], { axis: 0 }), shape: [...input.shape, config.output_dim], channelsMovedFirst: false };
};
