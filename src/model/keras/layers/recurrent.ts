import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';
import { openCell } from './recurrent-cell';

const recurrentConfig = z.object({
  units: z.number().int().positive(),
  activation: z.union([z.string(), z.null()]).default('tanh'),
  recurrent_activation: z.union([z.string(), z.null()]).default('sigmoid'),
  use_bias: z.boolean().default(true),
  return_sequences: z.boolean().default(false),
  return_state: z.boolean().default(false),
  go_backwards: z.boolean().default(false),
  stateful: z.boolean().default(false),
  time_major: z.boolean().default(false),
  reset_after: z.boolean().default(false),
  zero_output_for_mask: z.boolean().default(false),
});

type RecurrentConfig = z.output<typeof recurrentConfig>;

/** What a recurrent layer has computed: (batch, units) at each step, in the order of the sequence, and the states after the last. */
interface Unrolled {
  readonly outputs: readonly string[];
  readonly last: string;
  readonly states: readonly string[];
}

/** @param kind `LSTM`, `GRU` or `SimpleRNN` */
export function recurrent(kind: string): Layer {
  return (context, [input, ...initial]) => {
    context.enter('cell');
    return layerOf(context, kind, readConfig(context), context.single(input === undefined ? [] : [input]), initial);
  };
}

const cellConfig = z.object({ cell: z.object({ class_name: z.string(), config: z.looseObject({}) }) });

/** Keras's RNN applies whatever cell it is given: those of the layers above are known. */
export const anyRecurrent: Layer = (context, [input, ...initial]) => {
  const { cell } = context.config(cellConfig);
  const settings = context.config(z.looseObject({}));
  context.enter('cell');
  const config = readConfig(context.wrapped(cell.class_name, { ...settings, ...cell.config }));
  return layerOf(context, cell.class_name.replace(/Cell$/, ''), config, context.single(input === undefined ? [] : [input]), initial);
};

function layerOf(context: LayerContext, kind: string, config: RecurrentConfig, input: Value, initial: readonly Value[]): Value | readonly Value[] {
  const { outputs, last, states } = unroll(context, input, kind, config, config.go_backwards, initial);
  const row = (name: string): Value => ({ name, shape: [config.units], channelsMovedFirst: false });
  // A layer that goes backwards gives its sequence as it went.
  const main = config.return_sequences ? sequence(context, config.go_backwards ? outputs.toReversed() : outputs, config.units, input.mask) : row(last);
  return config.return_state ? [main, ...states.map(row)] : main;
}

const wrapped = z.object({ class_name: z.string(), config: z.looseObject({ name: z.string().optional() }) });

/** Two layers of the same configuration, one of which reads the sequence from its end. */
export const bidirectional: Layer = (context, inputs) => {
  const { layer, merge_mode, backward_layer } = context.config(z.object({ layer: wrapped, merge_mode: z.enum(['concat', 'sum', 'mul', 'ave']).nullish(), backward_layer: wrapped.nullish() }));
  const input = context.single(inputs);
  const ways = (['forward', 'backward'] as const).map((way): Value => {
    const { class_name: kind, config: own } = way === 'backward' ? backward_layer ?? layer : layer;
    if (!['LSTM', 'GRU', 'SimpleRNN'].includes(kind)) throw context.refusal(`the layer ${kind} in it`);
    context.enter(`${way}_layer/cell`, `${way}_${layer.config.name ?? ''}`);
    const config = readConfig(context.wrapped(kind, own));
    if (config.return_state) throw context.refusal('return_state');
    // Steps that do not count are zero here, so that they cannot tell which way was taken.
    const { outputs, last } = unroll(context.wrapped(kind, own), input, kind, { ...config, zero_output_for_mask: config.return_sequences }, way === 'backward', []);
    return config.return_sequences ? sequence(context, outputs, config.units, input.mask) : { name: last, shape: [config.units], channelsMovedFirst: false };
  });
  const [forward, backward] = ways;
  if (forward === undefined || backward === undefined) throw new RangeError('two directions');
  const { builder } = context.emitter;
  const names = [forward.name, backward.name];
  switch (merge_mode) {
    case 'concat': case undefined: return { ...forward, name: context.emit('Concat', names, { axis: -1 }), shape: [...forward.shape.slice(0, -1), (forward.shape.at(-1) ?? 0) + (backward.shape.at(-1) ?? 0)] };
    case 'sum': return { ...forward, name: context.emit('Add', names) };
    case 'mul': return { ...forward, name: context.emit('Mul', names) };
    case 'ave': return { ...forward, name: context.emit('Mul', [context.emit('Add', names), builder.scalar(0.5)]) };
    case null: return ways;
  }
};

function readConfig(context: LayerContext): RecurrentConfig {
  const config = context.config(recurrentConfig);
  for (const setting of ['stateful', 'time_major'] as const) if (config[setting]) throw context.refusal(setting);
  return config;
}

/** Every step by itself: a certified run needs sequences of a fixed length. */
function unroll(context: LayerContext, input: Value, kind: string, config: RecurrentConfig, backwards: boolean, initial: readonly Value[]): Unrolled {
  const [count, features] = input.shape;
  if (count === undefined || features === undefined || input.shape.length !== 2) throw context.refusal(`an input of shape (${input.shape.join(', ')})`);
  const { units } = config;
  const cell = openCell(context, kind, config, features);
  if (initial.length > 0 && initial.length !== cell.states) throw context.refusal(`${initial.length} states given to it`);
  const projected = context.emit('MatMul', [context.emitter.asShaped(context.name, input), cell.kernel]);
  const shares = stepsOf(context, cell.bias === undefined ? projected : context.emit('Add', [projected, cell.bias]), count);
  const masks = input.mask === undefined ? undefined : stepsOf(context, context.emit('Unsqueeze', [input.mask, context.emitter.builder.integers([2])]), count);
  const outputs: string[] = [];
  let states: readonly (string | undefined)[] = cell.states === initial.length ? initial.map((state) => context.emitter.asShaped(context.name, state)) : Array<undefined>(cell.states).fill(undefined);
  let shown: string | undefined;
  const order = [...shares.keys()];
  for (const step of backwards ? order.toReversed() : order) {
    const next = cell.step(shares[step] ?? '', states);
    const mask = masks?.[step];
    const [output = ''] = next;
    // At a step that does not count, the states stay, and the last output is shown again.
    states = mask === undefined ? next : next.map((state, at) => chosen(context, mask, state, states[at]));
    shown = mask === undefined ? output : chosen(context, mask, output, config.zero_output_for_mask ? undefined : shown);
    outputs[step] = shown;
  }
  if (shown === undefined) throw context.refusal(`${units} units and no steps`);
  return { outputs, last: shown, states: states.map((state) => state ?? '') };
}

/** (batch, steps, …) as one (batch, …) for each step. */
function stepsOf(context: LayerContext, value: string, count: number): readonly string[] {
  const { builder } = context.emitter;
  const parts = builder.split('Split', [value, builder.integers(Array<number>(count).fill(1))], count, { axis: 1 }, { label: context.name });
  return parts.map((part) => context.emit('Squeeze', [part, builder.integers([1])]));
}

/** The new value where the mask is 1, the old one (zero if undefined) where it is 0. */
function chosen(context: LayerContext, mask: string, fresh: string, old: string | undefined): string {
  const kept = context.emit('Mul', [mask, fresh]);
  if (old === undefined) return kept;
  const others = context.emit('Sub', [context.emitter.builder.scalar(1), mask]);
  return context.emit('Add', [kept, context.emit('Mul', [others, old])]);
}

function sequence(context: LayerContext, outputs: readonly string[], units: number, mask: string | undefined): Value {
  const { builder } = context.emitter;
  const rows = outputs.map((output) => context.emit('Unsqueeze', [output, builder.integers([1])]));
  return { name: rows.length === 1 ? rows[0] ?? '' : context.emit('Concat', rows, { axis: 1 }), shape: [outputs.length, units], channelsMovedFirst: false, mask };
}
