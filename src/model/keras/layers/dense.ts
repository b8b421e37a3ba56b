import { z } from 'zod';
import type { Layer } from '../layer';
import { activationName, applyActivation } from './activation';

/** y = activation(x·kernel + bias) on the last axis. */
export const dense: Layer = (context, inputs) => {
  const config = context.config(z.object({ units: z.number().int().positive(), use_bias: z.boolean().default(true), activation: activationName }));
  const input = context.single(inputs);
  const x = context.emitter.asShaped(context.name, input);
  const features = input.shape.at(-1);
  if (features === undefined) throw context.refusal('an input without features');
  const kernel = context.weight('kernel', [features, config.units]);
  const bias = config.use_bias ? context.weight('bias', [config.units]) : undefined;
  const shape = [...input.shape.slice(0, -1), config.units];
  let name: string;
  if (bias === undefined) name = context.emit('MatMul', [x, kernel]);
  else if (input.shape.length === 1) name = context.emit('Gemm', [x, kernel, bias]);
  else name = context.emit('Add', [context.emit('MatMul', [x, kernel]), bias]);
  return applyActivation(context, config.activation, { name, shape, channelsMovedFirst: false });
};
