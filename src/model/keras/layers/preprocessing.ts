import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';

const outputMode = z.enum(['int', 'one_hot', 'multi_hot', 'count']);
type OutputMode = z.output<typeof outputMode>;

/** Whole numbers as places in a vector of as many numbers as there are categories. */
export const categoryEncoding: Layer = (context, inputs) => {
  const { num_tokens: count, output_mode: mode } = context.config(z.object({ num_tokens: z.number().int().positive(), output_mode: outputMode.default('multi_hot') }));
  const input = context.single(inputs);
  return encoded(context, { ...input, name: context.emitter.asShaped(context.name, input), channelsMovedFirst: false }, count, mode);
};

/** The number of the bin that a number falls into: how many boundaries are not above it. */
export const discretization: Layer = (context, inputs) => {
  const config = context.config(z.object({ bin_boundaries: z.array(z.number()).min(1).nullish(), output_mode: outputMode.default('int') }));
  const boundaries = config.bin_boundaries ?? undefined;
  if (boundaries === undefined) throw context.refusal('boundaries that are not in its configuration');
  const { x, table } = compared(context, inputs, context.configured('bin_boundaries', boundaries));
  const above = context.emit('Cast', [context.emit('GreaterOrEqual', [x.name, table])], { to: 1 });
  const bins = context.emit('ReduceSum', [above, context.emitter.builder.integers([-1])], { keepdims: 0 });
  return encoded(context, { name: bins, shape: x.shape, channelsMovedFirst: false }, boundaries.length + 1, config.output_mode);
};

/** The place of a whole number in a vocabulary, from one on; zero stands for every number that is not in it. */
export const integerLookup: Layer = (context, inputs) => {
  const config = context.config(z.object({
    vocabulary: z.array(z.number().int()).min(1).nullish(), num_oov_indices: z.number().int().default(1), mask_token: z.number().int().nullish(), invert: z.boolean().default(false),
    output_mode: z.string().default('int'), pad_to_max_tokens: z.boolean().default(false), max_tokens: z.number().nullish(),
  }));
  const vocabulary = config.vocabulary ?? undefined;
  const mode = outputMode.safeParse(config.output_mode);
  if (vocabulary === undefined) throw context.refusal('a vocabulary that is not in its configuration');
  if (!mode.success || config.num_oov_indices !== 1 || (config.mask_token ?? undefined) !== undefined || config.invert || config.pad_to_max_tokens) throw context.refusal('other settings than a plain vocabulary');
  // Numbers are given as float32, which holds whole numbers up to 2^24.
  if (vocabulary.some((word) => Math.abs(word) > 2 ** 24)) throw context.refusal('a vocabulary of numbers beyond 2^24');
  const { x, table } = compared(context, inputs, context.configured('vocabulary', vocabulary));
  const { builder } = context.emitter;
  const found = context.emit('Cast', [context.emit('Equal', [x.name, table])], { to: 1 });
  const places = context.emit('Mul', [found, builder.constant(Float32Array.from(vocabulary, (_, at) => at + 1), [vocabulary.length])]);
  const numbers = context.emit('ReduceSum', [places, builder.integers([-1])], { keepdims: 0 });
  return encoded(context, { name: numbers, shape: x.shape, channelsMovedFirst: false }, vocabulary.length + 1, mode.data);
};

/** The input with an axis for comparisons with every entry of a table behind it. */
function compared(context: LayerContext, inputs: readonly Value[], table: string): { readonly x: Value; readonly table: string } {
  const input = context.single(inputs);
  const name = context.emit('Unsqueeze', [context.emitter.asShaped(context.name, input), context.emitter.builder.integers([input.shape.length + 1])]);
  return { x: { name, shape: input.shape, channelsMovedFirst: false }, table };
}

/** @param input whole numbers below `count` */
function encoded(context: LayerContext, input: Value, count: number, mode: OutputMode): Value {
  if (mode === 'int') return input;
  const { builder } = context.emitter;
  const rows = builder.constant(Float32Array.from({ length: count * count }, (_, at) => (at % (count + 1) === 0 ? 1 : 0)), [count, count]);
  const places = context.emit('Gather', [rows, context.emit('Cast', [input.name], { to: 7 })], { axis: 0 });
  const last = input.shape.at(-1);
  if (mode === 'one_hot') {
    if (last !== 1) return { name: places, shape: [...input.shape, count], channelsMovedFirst: false };
    return { name: context.emit('Squeeze', [places, builder.integers([input.shape.length])]), shape: [...input.shape.slice(0, -1), count], channelsMovedFirst: false };
  }
  const along = input.shape.length;
  const name = mode === 'count' ? context.emit('ReduceSum', [places, builder.integers([along])], { keepdims: 0 }) : context.emit('ReduceMax', [places], { axes: [along], keepdims: 0 });
  return { name, shape: [...input.shape.slice(0, -1), count], channelsMovedFirst: false };
}
