import { z } from 'zod';
import { outputsOf, type Layer, type LayerContext } from '../layer';
import { readsMask } from '../masking';
import type { Value } from '../value';

const wrapped = z.object({ layer: z.object({ class_name: z.string(), config: z.unknown() }) });

/** Applies one layer to every step of a sequence: the steps become records of a larger batch, and are put back in order. */
export function atEveryStep(context: LayerContext, input: Value, apply: (steps: Value) => Value | readonly Value[]): Value {
  const [steps, ...inner] = input.shape;
  if (steps === undefined) throw context.refusal('an input without steps');
  const { builder } = context.emitter;
  const flat = context.emit('Reshape', [context.emitter.asShaped(context.name, input), builder.integers([-1, ...inner])]);
  const [output, ...others] = outputsOf(apply({ name: flat, shape: inner, channelsMovedFirst: false }));
  if (output === undefined || others.length > 0) throw context.refusal('several outputs of what it applies');
  if (output.mask !== undefined) throw context.refusal('a mask from what it applies');
  const { shape } = output;
  const ordered = context.emitter.asShaped(context.name, output);
  return { name: context.emit('Reshape', [ordered, builder.integers([-1, steps, ...shape])]), shape: [steps, ...shape], channelsMovedFirst: false, mask: input.mask };
}

/** @param layers all layers by class, one of which is applied to every step */
export function timeDistributed(layers: Readonly<Record<string, Layer>>): Layer {
  return (context, inputs) => {
    const { layer: { class_name: className, config } } = context.config(wrapped);
    const build = Object.hasOwn(layers, className) ? layers[className] : undefined;
    context.enter('layer');
    const inner = context.wrapped(className, config);
    if (build === undefined) throw context.refusal(`the layer ${className} in it`);
    const input = context.single(inputs);
    if (input.mask !== undefined && readsMask(className)) throw context.refusal(`the layer ${className} in it and a mask`);
    return atEveryStep(context, input, (steps) => build(inner, [steps]));
  };
}
