import { z } from 'zod';
import type { StateCollector } from '../../model';
import type { Layer, LayerContext } from '../layer';
import { boundariesOf, compress, resampled, summarize } from '../quantiles';
import type { Value } from '../value';

export const outputMode = z.enum(['int', 'one_hot', 'multi_hot', 'count']);
type OutputMode = z.output<typeof outputMode>;

/** Whole numbers as places in a vector of as many numbers as there are categories. */
export const categoryEncoding: Layer = (context, inputs) => {
  const { num_tokens: count, output_mode: mode } = context.config(z.object({ num_tokens: z.number().int().positive(), output_mode: outputMode.default('multi_hot') }));
  const input = context.single(inputs);
  return encoded(context, { ...input, name: context.emitter.asShaped(context.name, input), channelsMovedFirst: false }, count, mode);
};

/** The number of the bin that a number falls into: how many boundaries are not above it. */
export const discretization: Layer = (context, inputs) => {
  const config = context.config(discretizationConfig);
  const given = context.single(inputs);
  const input = { ...given, name: context.emitter.asShaped(context.name, given) };
  const boundaries = boundariesIn(context, config, input.name);
  const above = context.emit('Cast', [context.emit('GreaterOrEqual', [lifted(context, input), boundaries.name])], { to: 1 });
  const bins = context.emit('ReduceSum', [above, context.emitter.builder.integers([-1])], { keepdims: 0 });
  return encoded(context, { name: bins, shape: input.shape, channelsMovedFirst: false }, boundaries.count + 1, config.output_mode);
};

const discretizationConfig = z.object({ bin_boundaries: z.array(z.number()).min(1).nullish(), num_bins: z.number().int().positive().nullish(), epsilon: z.number().positive().default(0.01), output_mode: outputMode.default('int') });

/** Stated by whoever made the model, taken from data (Keras 3 then has both boundaries and their number), or read off a summary of the data, which Keras 2 keeps as a weight. */
function boundariesIn(context: LayerContext, { bin_boundaries, num_bins, epsilon }: z.output<typeof discretizationConfig>, input: string): { readonly name: string; readonly count: number } {
  const stated = bin_boundaries ?? undefined;
  if (stated !== undefined) {
    const name = typeof num_bins !== 'number' ? context.configured('bin_boundaries', stated)
      : context.adaptedSetting('bin_boundaries', stated, input, (tensor) => allNumbers((numbers) => new Map([[tensor, fitted(boundariesOf(compress(summarize(numbers, epsilon, 3), epsilon), num_bins), stated.length)]])));
    return { name, count: stated.length };
  }
  const { builder, findings } = context.emitter;
  if (context.nextWeight('summary') === undefined) throw context.refusal('boundaries that are not in its file');
  const summary = context.weight('summary', [2, -1], 'buffer');
  if (/\/vars\/\d+$/.test(summary)) throw context.refusal('boundaries that Keras 2 does not find again in a file of this kind (save the model as .h5)');
  const stored = Float32Array.from(builder.tensors.get(summary)?.values ?? [], Number);
  const columns = stored.length / 2;
  const read = (numbers: Float32Array): Float32Array => boundariesOf({ values: numbers.slice(0, columns), weights: numbers.slice(columns) }, num_bins ?? 1);
  const boundaries = read(stored);
  if (boundaries.length === 0 || boundaries.some((boundary) => !Number.isFinite(boundary))) throw context.refusal('boundaries that are not in its file');
  // It follows from the summary, and changes with it.
  const name = builder.constant(boundaries, [boundaries.length]);
  findings.adapt({ kind: 'bins', stored: [summary], input, collect: () => allNumbers((numbers) => {
    const taken = compress(summarize(numbers, epsilon, 2), epsilon);
    const { values, weights } = taken.values.length === columns ? taken : resampled(taken, columns, 1 / columns);
    const fresh = Float32Array.of(...values, ...weights);
    return new Map([[summary, fresh], [name, fitted(read(fresh), boundaries.length)]]);
  }) });
  return { name, count: boundaries.length };
}

/** As many numbers as there were: of fewer the last one is repeated. */
function fitted(numbers: Float32Array, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => numbers[Math.min(at, numbers.length - 1)] ?? 0);
}

function allNumbers(results: (numbers: Float32Array) => ReadonlyMap<string, Float32Array>): StateCollector {
  const parts: Float32Array[] = [];
  return {
    add: (values) => void parts.push(values.slice()),
    results: () => {
      const numbers = new Float32Array(parts.reduce((count, part) => count + part.length, 0));
      let offset = 0;
      for (const part of parts) {
        numbers.set(part, offset);
        offset += part.length;
      }
      return results(numbers);
    },
  };
}

/** The input with an axis for comparisons with every entry of a table behind it. */
export function lifted(context: LayerContext, { name, shape }: Value): string {
  return context.emit('Unsqueeze', [name, context.emitter.builder.integers([shape.length + 1])]);
}

/** Every number becomes a vector of so many. */
const mostCategories = 2 ** 20;

/** @param input whole numbers below `count`; a negative one has no place */
export function encoded(context: LayerContext, input: Value, count: number, mode: OutputMode): Value {
  if (mode === 'int') return input;
  if (count > mostCategories) throw context.refusal(`${count} categories`);
  const { builder } = context.emitter;
  const numbers = builder.constant(Float32Array.from({ length: count }, (_, at) => at), [count]);
  const places = context.emit('Cast', [context.emit('Equal', [lifted(context, input), numbers])], { to: 1 });
  const last = input.shape.at(-1);
  if (mode === 'one_hot') {
    if (last !== 1) return { name: places, shape: [...input.shape, count], channelsMovedFirst: false };
    return { name: context.emit('Squeeze', [places, builder.integers([input.shape.length])]), shape: [...input.shape.slice(0, -1), count], channelsMovedFirst: false };
  }
  const along = input.shape.length;
  const name = mode === 'count' ? context.emit('ReduceSum', [places, builder.integers([along])], { keepdims: 0 }) : context.emit('ReduceMax', [places], { axes: [along], keepdims: 0 });
  return { name, shape: [...input.shape.slice(0, -1), count], channelsMovedFirst: false };
}
