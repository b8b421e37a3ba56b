import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';
import { snakeCase } from '../read-variables';
import { openCell, stacked } from './recurrent-cell';

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

/** A cell of a recurrent layer, by the kind of layer that it is known from. */
interface Part {
  readonly kind: string;
  readonly config: RecurrentConfig;
  /** Where its weights are in those of the layer's cell; empty where it is that cell. */
  readonly attributes: string;
}

/** @param kind `LSTM`, `GRU` or `SimpleRNN` */
export function recurrent(kind: string): Layer {
  return (context, [input, ...initial]) => {
    context.enter('cell');
    const config = readConfig(context);
    return layerOf(context, [{ kind, config, attributes: '' }], config, context.single(input === undefined ? [] : [input]), initial);
  };
}

const cellSchema = z.object({ class_name: z.string(), config: z.looseObject({}) });
const cellConfig = z.object({ cell: cellSchema });

/** Keras's RNN applies whatever cell it is given: those of the layers above are known, and several on top of one another. */
export const anyRecurrent: Layer = (context, [input, ...initial]) => {
  context.enter('cell');
  const { parts, inner, config } = partsOf(context, context);
  if (parts.length > 1 && (initial.length > 0 || config.return_state)) throw context.refusal('states given or returned by several cells');
  return layerOf(inner, parts, config, context.single(input === undefined ? [] : [input]), initial);
};

/** @param context of the layer that has the cell; `entered` has the cell for its part */
function partsOf(entered: LayerContext, context: LayerContext): { readonly parts: readonly Part[]; readonly inner: LayerContext; readonly config: RecurrentConfig } {
  const { cell } = context.config(cellConfig);
  const settings = context.config(z.looseObject({}));
  const inner = entered.wrapped(cell.class_name, cell.config);
  const cells = cell.class_name === 'StackedRNNCells' ? inner.config(z.object({ cells: z.array(cellSchema).min(1) })).cells : [cell];
  const counts = new Map<string, number>();
  const parts = cells.map(({ class_name: className, config }): Part => {
    const stem = snakeCase(className);
    const count = counts.get(stem) ?? 0;
    counts.set(stem, count + 1);
    return { kind: className.replace(/Cell$/, ''), config: readConfig(entered.wrapped(className, { ...settings, ...config })), attributes: cells.length === 1 && cell.class_name !== 'StackedRNNCells' ? '' : `cells/${stem}${count === 0 ? '' : `_${count}`}` };
  });
  const top = parts.at(-1)?.config;
  if (top === undefined) throw context.refusal('no cells');
  return { parts, inner, config: top };
}

function layerOf(context: LayerContext, parts: readonly Part[], config: RecurrentConfig, input: Value, initial: readonly Value[]): Value | readonly Value[] {
  const { outputs, last, states } = unroll(context, input, parts, config, config.go_backwards, initial);
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
  const found = (['forward', 'backward'] as const).map((way): { readonly main: Value; readonly states: readonly Value[] } => {
    const { class_name: kind, config: own } = way === 'backward' ? backward_layer ?? layer : layer;
    if (!['LSTM', 'GRU', 'SimpleRNN', 'RNN'].includes(kind)) throw context.refusal(`the layer ${kind} in it`);
    context.enter(`${way}_layer/cell`, `${way}_${layer.config.name ?? ''}`);
    const whole = context.wrapped(kind, own);
    const plain = (): { readonly parts: readonly Part[]; readonly inner: LayerContext; readonly config: RecurrentConfig } => {
      const config = readConfig(whole);
      return { parts: [{ kind, config, attributes: '' }], inner: whole, config };
    };
    const { parts, inner, config } = kind === 'RNN' ? partsOf(whole, whole) : plain();
    if (parts.length > 1 && config.return_state) throw context.refusal('states returned by several cells');
    // Steps that do not count are zero here, so that they cannot tell which way was taken.
    const { outputs, last, states } = unroll(inner, input, parts, { ...config, zero_output_for_mask: config.return_sequences }, way === 'backward', []);
    const row = (name: string): Value => ({ name, shape: [config.units], channelsMovedFirst: false });
    return { main: config.return_sequences ? sequence(context, outputs, config.units, input.mask) : row(last), states: config.return_state ? states.map(row) : [] };
  });
  const ways = found.map(({ main }) => main);
  const states = found.flatMap((way) => way.states);
  const [forward, backward] = ways;
  if (forward === undefined || backward === undefined) throw new RangeError('two directions');
  const { builder } = context.emitter;
  const names = [forward.name, backward.name];
  const merged = (): Value => {
    switch (merge_mode) {
      case 'sum': return { ...forward, name: context.emit('Add', names) };
      case 'mul': return { ...forward, name: context.emit('Mul', names) };
      case 'ave': return { ...forward, name: context.emit('Mul', [context.emit('Add', names), builder.scalar(0.5)]) };
      default: return { ...forward, name: context.emit('Concat', names, { axis: -1 }), shape: [...forward.shape.slice(0, -1), (forward.shape.at(-1) ?? 0) + (backward.shape.at(-1) ?? 0)] };
    }
  };
  return [...(merge_mode === null ? ways : [merged()]), ...states];
};

function readConfig(context: LayerContext): RecurrentConfig {
  const config = context.config(recurrentConfig);
  if (config.time_major) throw context.refusal('time_major');
  if (config.stateful) context.stateful();
  return config;
}

/** Every step by itself: a certified run needs sequences of a fixed length. */
function unroll(context: LayerContext, input: Value, parts: readonly Part[], config: RecurrentConfig, backwards: boolean, initial: readonly Value[]): Unrolled {
  const [count, features] = input.shape;
  if (count === undefined || features === undefined || input.shape.length !== 2) throw context.refusal(`an input of shape (${input.shape.join(', ')})`);
  const { units } = config;
  const cells = parts.map((part, at) => {
    if (part.attributes !== '') context.enter(part.attributes);
    return openCell(context, part.kind, part.config, parts[at - 1]?.config.units ?? features);
  });
  const [only] = cells;
  const cell = cells.length === 1 && only !== undefined ? only : stacked(context, cells);
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
    const output = next[cell.output ?? 0] ?? '';
    // At a step that does not count, the states stay, and the last output is shown again.
    states = mask === undefined ? next : next.map((state, at) => chosen(context, mask, state, states[at]));
    shown = mask === undefined ? output : chosen(context, mask, output, config.zero_output_for_mask ? undefined : shown);
    outputs[step] = shown;
  }
  if (shown === undefined) throw context.refusal(`${units} units and no steps`);
  return { outputs, last: shown, states: states.map((state) => state ?? '') };
}

/** (batch, steps, …) as one (batch, …) for each step. */
export function stepsOf(context: LayerContext, value: string, count: number): readonly string[] {
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
