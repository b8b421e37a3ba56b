import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import type { Value } from '../value';

const recurrentConfig = z.object({
  units: z.number().int().positive(),
  activation: z.string().default('tanh'),
  recurrent_activation: z.string().default('sigmoid'),
  use_bias: z.boolean().default(true),
  return_sequences: z.boolean().default(false),
  return_state: z.boolean().default(false),
  go_backwards: z.boolean().default(false),
  stateful: z.boolean().default(false),
  time_major: z.boolean().default(false),
  reset_after: z.boolean().default(false),
});

type RecurrentConfig = z.output<typeof recurrentConfig>;
type Kind = 'LSTM' | 'GRU';

/** Gates in Keras's order of columns: input, forget, cell, output; update, reset, hidden. ONNX's order is given by position. */
const gatesInOnnx: Readonly<Record<Kind, readonly number[]>> = { LSTM: [0, 3, 1, 2], GRU: [0, 1, 2] };

const activations: Readonly<Record<string, string>> = { sigmoid: 'Sigmoid', tanh: 'Tanh', relu: 'Relu', hard_sigmoid: 'HardSigmoid' };

export function recurrent(kind: Kind): Layer {
  return (context, inputs) => {
    const config = readConfig(context);
    if (config.go_backwards && config.return_sequences) throw context.refusal('go_backwards and return_sequences');
    context.enter('cell');
    return run(context, context.single(inputs), kind, config, config.go_backwards ? 'reverse' : 'forward');
  };
}

const wrapped = z.object({ class_name: z.string(), config: z.looseObject({ name: z.string().optional() }) });

/** Two layers of the same configuration, one of which reads the sequence from its end. */
export const bidirectional: Layer = (context, inputs) => {
  const { layer, merge_mode } = context.config(z.object({ layer: wrapped, merge_mode: z.enum(['concat', 'sum', 'mul', 'ave']).default('concat') }));
  const kind = layer.class_name;
  if (kind !== 'LSTM' && kind !== 'GRU') throw context.refusal(`the layer ${kind} in it`);
  const config = readConfig(context.wrapped(kind, layer.config));
  const input = context.single(inputs);
  const [forward, backward] = (['forward', 'backward'] as const).map((way) => {
    context.enter(`${way}_layer/cell`, `${way}_${layer.config.name ?? ''}`);
    return run(context, input, kind, config, way === 'forward' ? 'forward' : 'reverse');
  });
  if (forward === undefined || backward === undefined) throw new RangeError('two directions');
  const { builder } = context.emitter;
  const names = [forward.name, backward.name];
  switch (merge_mode) {
    case 'concat': return { ...forward, name: context.emit('Concat', names, { axis: -1 }), shape: [...forward.shape.slice(0, -1), 2 * config.units] };
    case 'sum': return { ...forward, name: context.emit('Add', names) };
    case 'mul': return { ...forward, name: context.emit('Mul', names) };
    case 'ave': return { ...forward, name: context.emit('Mul', [context.emit('Add', names), builder.scalar(0.5)]) };
  }
};

function readConfig(context: LayerContext): RecurrentConfig {
  const config = context.config(recurrentConfig);
  for (const setting of ['return_state', 'stateful', 'time_major'] as const) if (config[setting]) throw context.refusal(setting);
  return config;
}

function run(context: LayerContext, input: Value, kind: Kind, config: RecurrentConfig, direction: 'forward' | 'reverse'): Value {
  const [steps, features] = input.shape;
  if (steps === undefined || features === undefined || input.shape.length !== 2) throw context.refusal(`an input of shape (${input.shape.join(', ')})`);
  const { units } = config;
  const gates = gatesInOnnx[kind];
  const { builder } = context.emitter;
  const matrix = (name: string, rows: number): string => {
    const columns = reordered(context, context.weight(name, [rows, gates.length * units]), gates, units, 1);
    return context.emit('Unsqueeze', [context.emit('Transpose', [columns], { perm: [1, 0] }), builder.integers([0])]);
  };
  const time = context.emit('Transpose', [context.emitter.asShaped(context.name, input)], { perm: [1, 0, 2] });
  const parameters = [matrix('kernel', features), matrix('recurrent_kernel', units)];
  if (config.use_bias) parameters.push(bias(context, kind, config));
  const attributes = {
    hidden_size: units,
    direction,
    activations: [config.recurrent_activation, config.activation, ...(kind === 'LSTM' ? [config.activation] : [])].map((name) => activationOf(context, name)),
    ...(kind === 'GRU' ? { linear_before_reset: config.reset_after ? 1 : 0 } : {}),
  };
  const [sequence = '', last = ''] = builder.split(kind, [time, ...parameters], 2, attributes, { label: context.name });
  if (!config.return_sequences) return { name: context.emit('Squeeze', [last, builder.integers([0])]), shape: [units], channelsMovedFirst: false };
  const ordered = context.emit('Transpose', [context.emit('Squeeze', [sequence, builder.integers([1])])], { perm: [1, 0, 2] });
  return { name: ordered, shape: [steps, units], channelsMovedFirst: false };
}

/** ONNX adds a bias to the input's share and one to the state's; Keras has the second only for a GRU that resets after the product. */
function bias(context: LayerContext, kind: Kind, config: RecurrentConfig): string {
  const gates = gatesInOnnx[kind];
  const length = gates.length * config.units;
  const { builder } = context.emitter;
  if (kind === 'GRU' && config.reset_after) {
    return context.emit('Reshape', [context.weight('bias', [2, length]), builder.integers([1, 2 * length])]);
  }
  const own = reordered(context, context.weight('bias', [length]), gates, config.units, 0);
  const both = context.emit('Concat', [own, builder.constant(new Float32Array(length), [length])], { axis: 0 });
  return context.emit('Unsqueeze', [both, builder.integers([0])]);
}

function reordered(context: LayerContext, tensor: string, order: readonly number[], units: number, axis: number): string {
  if (order.every((gate, position) => gate === position)) return tensor;
  const { builder } = context.emitter;
  const parts = builder.split('Split', [tensor, builder.integers(order.map(() => units))], order.length, { axis }, { label: context.name });
  return context.emit('Concat', order.map((gate) => parts[gate] ?? ''), { axis });
}

function activationOf(context: LayerContext, name: string): string {
  const found = activations[name];
  if (found === undefined || (name === 'hard_sigmoid' && context.generation >= 3)) throw context.refusal(`the activation ${name}`);
  return found;
}
