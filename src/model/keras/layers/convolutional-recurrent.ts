import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';
import { applyActivation } from './activation';
import { channelsOutFirst } from './convolution';
import { dataFormat, perAxis, slide } from './window';
import { stepsOf } from './recurrent';

type Image = Omit<Value, 'mask'>;

/** X. Shi et al., 2015: an LSTM whose products are convolutions, in Keras's order of gates: input, forget, cell, output. @param rank number of spatial axes */
export function convolutionalLstm(rank: number): Layer {
  const schema = z.object({
    filters: z.number().int().positive(),
    kernel_size: perAxis(rank),
    strides: perAxis(rank).default(Array<number>(rank).fill(1)),
    dilation_rate: perAxis(rank).default(Array<number>(rank).fill(1)),
    padding: z.enum(['same', 'valid']).default('valid'),
    data_format: dataFormat,
    use_bias: z.boolean().default(true),
    activation: z.union([z.string(), z.null()]).default('tanh'),
    recurrent_activation: z.union([z.string(), z.null()]).default('hard_sigmoid'),
    return_sequences: z.boolean().default(false),
    return_state: z.boolean().default(false),
    go_backwards: z.boolean().default(false),
    stateful: z.boolean().default(false),
  });
  return (context, [input, ...initial]) => {
    const config = context.config(schema);
    if (config.stateful) context.stateful();
    const value = context.single(input === undefined ? [] : [input]);
    const [steps, ...inner] = value.shape;
    const channelsLast = config.data_format !== 'channels_first';
    const channels = channelsLast ? inner.at(-1) : inner[0];
    const size = channelsLast ? inner.slice(0, -1) : inner.slice(1);
    if (steps === undefined || channels === undefined || size.length !== rank) throw context.refusal(`an input of shape (${value.shape.join(', ')})`);
    if (initial.length !== 0 && initial.length !== 2) throw context.refusal(`${initial.length} states given to it`);
    const { filters } = config;
    const { builder } = context.emitter;
    context.enter('cell');
    const kernel = channelsOutFirst(context, context.weight('kernel', [...config.kernel_size, channels, 4 * filters]), rank);
    const recurrent = channelsOutFirst(context, context.weight('recurrent_kernel', [...config.kernel_size, filters, 4 * filters]), rank);
    const bias = config.use_bias ? [context.weight('bias', [4 * filters])] : [];
    const { spatial, pads } = slide(context, size, { size: config.kernel_size, strides: config.strides, dilation: config.dilation_rate, padding: config.padding });
    // All steps at once: they are records of a larger batch.
    const flat = context.emit('Reshape', [context.emitter.asShaped(context.name, value), builder.integers([-1, ...inner])]);
    const image = channelsLast ? context.emitter.channelsFirst(context.name, { name: flat, shape: inner, channelsMovedFirst: false }) : flat;
    const projected = context.emit('Conv', [image, kernel, ...bias], { kernel_shape: config.kernel_size, strides: config.strides, dilations: config.dilation_rate, pads, group: 1 });
    const shares = stepsOf(context, context.emit('Reshape', [projected, builder.integers([-1, steps, 4 * filters, ...spatial])]), steps);
    const around = slide(context, spatial, { size: config.kernel_size, strides: [], dilation: [], padding: 'same' });
    const activate = (name: string | null, one: string): string => applyActivation(context, name, { name: one, shape: [filters, ...spatial], channelsMovedFirst: false }).name;
    const laidOut = (state: Value): string => (channelsLast ? context.emitter.channelsFirst(context.name, state) : context.emitter.asShaped(context.name, state));
    let [hidden, memory]: readonly (string | undefined)[] = initial.map(laidOut);
    const outputs: string[] = [];
    const order = [...shares.keys()];
    for (const step of config.go_backwards ? order.toReversed() : order) {
      const share = shares[step] ?? '';
      const gates = hidden === undefined ? share : context.emit('Add', [share, context.emit('Conv', [hidden, recurrent], { kernel_shape: config.kernel_size, pads: around.pads, group: 1 })]);
      const [i = '', f = '', c = '', o = ''] = builder.split('Split', [gates, builder.integers(Array<number>(4).fill(filters))], 4, { axis: 1 }, { label: context.name });
      const learned = context.emit('Mul', [activate(config.recurrent_activation, i), activate(config.activation, c)]);
      memory = memory === undefined ? learned : context.emit('Add', [context.emit('Mul', [activate(config.recurrent_activation, f), memory]), learned]);
      hidden = context.emit('Mul', [activate(config.recurrent_activation, o), activate(config.activation, memory)]);
      outputs.push(hidden);
    }
    const shape = channelsLast ? [...spatial, filters] : [filters, ...spatial];
    const shown = (name: string | undefined): Image => ({ name: name ?? '', shape, channelsMovedFirst: channelsLast });
    const main = config.return_sequences ? sequence(context, outputs, shape, channelsLast) : shown(hidden);
    return config.return_state ? [main, shown(hidden), shown(memory)] : main;
  };
}

/** Images with channels in front, one a step, as one value in Keras's order. */
function sequence(context: LayerContext, outputs: readonly string[], shape: readonly number[], channelsLast: boolean): Image {
  const { builder } = context.emitter;
  const rows = outputs.map((output) => context.emit('Unsqueeze', [output, builder.integers([1])]));
  const whole = rows.length === 1 ? rows[0] ?? '' : context.emit('Concat', rows, { axis: 1 });
  const name = channelsLast ? context.emit('Transpose', [whole], { perm: [0, 1, ...shape.slice(1).map((_, axis) => axis + 3), 2] }) : whole;
  return { name, shape: [outputs.length, ...shape], channelsMovedFirst: false };
}
