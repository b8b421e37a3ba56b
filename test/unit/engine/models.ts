import type { Loss, TrainingProgram } from '../../../src/engine/engine';
import { GraphBuilder } from '../../../src/graph/builder';
import { withBatchStatistics } from '../../../src/graph/batch-statistics';
import { findNormalizations } from '../../../src/run/normalization-statistics';
import type { Batch } from '../../../src/data/dataset';

/** Reproducible numbers in [0, 1) for test inputs (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` numbers spread evenly over [−scale, scale). */
export function spread(count: number, seed: number, scale = 1): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length: count }, () => scale * (2 * next() - 1));
}

/** Writes the layers of a test model; parameters get reproducible values of the usual size. */
export class ModelWriter {
  readonly build = new GraphBuilder();
  readonly trainable: string[] = [];
  private seed = 1;

  input(...shape: number[]): string {
    return this.build.input('features', ['batch', ...shape]);
  }

  parameter(name: string, shape: readonly number[], fanIn: number): string {
    const count = shape.reduce((product, size) => product * size, 1);
    this.trainable.push(name);
    return this.build.tensor({ name, dataType: 'float32', shape, role: 'parameter', values: spread(count, this.seed++, Math.sqrt(3 / fanIn)) });
  }

  dense(x: string, from: number, to: number, layer: string): string {
    return this.build.node('Gemm', [x, this.parameter(`${layer}.weight`, [from, to], from), this.parameter(`${layer}.bias`, [to], from)]);
  }

  conv(x: string, from: number, to: number, kernel: number, layer: string, attributes: Record<string, number | string | readonly number[]> = {}): string {
    const group = typeof attributes['group'] === 'number' ? attributes['group'] : 1;
    const fanIn = (from / group) * kernel * kernel;
    return this.build.node('Conv', [x, this.parameter(`${layer}.weight`, [to, from / group, kernel, kernel], fanIn), this.parameter(`${layer}.bias`, [to], fanIn)], { kernel_shape: [kernel, kernel], ...attributes });
  }

  relu(x: string): string {
    return this.build.node('Relu', [x]);
  }

  program(output: string, loss: Loss, batchSize: number): TrainingProgram {
    this.build.output(output);
    return { graph: this.build.build(), loss, trainable: this.trainable, batchSize };
  }
}

export function mlp(sizes: readonly number[], batchSize: number): TrainingProgram {
  const writer = new ModelWriter();
  let x = writer.input(sizes[0] ?? 1);
  for (let layer = 1; layer < sizes.length; layer++) {
    x = writer.dense(x, sizes[layer - 1] ?? 1, sizes[layer] ?? 1, `dense${layer}`);
    if (layer < sizes.length - 1) x = writer.relu(x);
  }
  return writer.program(x, 'softmax-cross-entropy', batchSize);
}

/** Two convolutions of 3×3 with average pooling and a global mean, on 32×32×3 images. */
export function cnn(batchSize: number): TrainingProgram {
  const writer = new ModelWriter();
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  const same = { pads: [1, 1, 1, 1] };
  let x = writer.relu(writer.conv(writer.input(3, 32, 32), 3, 32, 3, 'conv1', same));
  x = writer.build.node('AveragePool', [x], pool);
  x = writer.relu(writer.conv(x, 32, 64, 3, 'conv2', same));
  x = writer.build.node('AveragePool', [x], pool);
  x = writer.build.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  return writer.program(writer.dense(x, 64, 10, 'dense'), 'softmax-cross-entropy', batchSize);
}

/** The Keras example LeNet, as its importer writes it: channels-last input, HWIO kernels, Transpose nodes, a final Softmax. */
export function lenet(batchSize: number): TrainingProgram {
  const writer = new ModelWriter();
  const { build } = writer;
  const conv = (x: string, height: number, from: number, to: number, layer: string): string => {
    const kernel = build.node('Transpose', [writer.parameter(`${layer}/kernel`, [height, height, from, to], from * height * height)], { perm: [3, 2, 0, 1] });
    return writer.relu(build.node('Conv', [x, kernel, writer.parameter(`${layer}/bias`, [to], from * height * height)], { kernel_shape: [height, height] }));
  };
  const pool = (x: string): string => build.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  let x = build.node('Transpose', [writer.input(28, 28, 1)], { perm: [0, 3, 1, 2] });
  x = pool(conv(x, 5, 1, 6, 'conv_1'));
  x = pool(conv(x, 5, 6, 16, 'conv_2'));
  x = build.node('Transpose', [x], { perm: [0, 2, 3, 1] });
  x = build.node('Flatten', [x]);
  x = writer.relu(writer.dense(x, 256, 120, 'dense_1'));
  x = writer.relu(writer.dense(x, 120, 84, 'dense_2'));
  x = build.node('Softmax', [writer.dense(x, 84, 10, 'dense_3')], { axis: -1 });
  return writer.program(x, 'softmax-cross-entropy', batchSize);
}

/** Two residual blocks, the second one strided with a projection; batch normalisation in inference form with fixed statistics. */
export function residual(batchSize: number): TrainingProgram {
  const writer = new ModelWriter();
  const { build } = writer;
  const normalized = (x: string, channels: number, layer: string): string => {
    const fixed = (name: string, values: Float32Array): string => build.tensor({ name: `${layer}.${name}`, dataType: 'float32', shape: [channels], role: 'buffer', values });
    const mean = fixed('mean', spread(channels, 101, 0.2));
    const variance = fixed('variance', spread(channels, 102, 0.5).map((value) => value + 1));
    return build.node('BatchNormalization', [x, writer.parameter(`${layer}.scale`, [channels], 3), writer.parameter(`${layer}.shift`, [channels], 12), mean, variance], { epsilon: 1e-3 });
  };
  const same = { pads: [1, 1, 1, 1] };
  let x = writer.relu(normalized(writer.conv(writer.input(3, 8, 8), 3, 8, 3, 'stem', same), 8, 'norm0'));
  let y = writer.relu(normalized(writer.conv(x, 8, 8, 3, 'block1.a', same), 8, 'norm1'));
  x = writer.relu(build.node('Add', [x, writer.conv(y, 8, 8, 3, 'block1.b', same)]));
  y = writer.relu(writer.conv(x, 8, 12, 3, 'block2.a', { ...same, strides: [2, 2] }));
  y = normalized(writer.conv(y, 12, 12, 3, 'block2.b', same), 12, 'norm2');
  x = writer.relu(build.node('Add', [y, writer.conv(x, 8, 12, 1, 'block2.projection', { strides: [2, 2] })]));
  x = build.node('Flatten', [build.node('GlobalAveragePool', [x])]);
  return writer.program(writer.dense(x, 12, 10, 'dense'), 'softmax-cross-entropy', batchSize);
}

/** The same model with batch normalisations in training form. */
export function normalizingByBatch(program: TrainingProgram): TrainingProgram {
  return { ...program, training: withBatchStatistics(program.graph, findNormalizations(program.graph)) };
}

/** An inverted residual of MobileNetV3: expansion, strided depthwise convolution, squeeze-and-excitation, projection, with hard-swish. */
export function mobile(batchSize: number): TrainingProgram {
  const writer = new ModelWriter();
  const { build } = writer;
  const swish = (x: string): string => build.node('HardSwish', [x]);
  let x = swish(writer.conv(writer.input(3, 12, 12), 3, 8, 3, 'stem', { strides: [2, 2], pads: [0, 0, 1, 1] }));
  const skip = x;
  x = swish(writer.conv(x, 8, 16, 1, 'expand'));
  x = swish(writer.conv(x, 16, 16, 3, 'depthwise', { group: 16, pads: [1, 1, 1, 1] }));
  const squeezed = writer.relu(writer.conv(build.node('GlobalAveragePool', [x]), 16, 4, 1, 'squeeze'));
  x = build.node('Mul', [x, build.node('HardSigmoid', [writer.conv(squeezed, 4, 16, 1, 'excite')], { alpha: 1 / 6, beta: 0.5 })]);
  x = build.node('Add', [skip, writer.conv(x, 16, 8, 1, 'project')]);
  x = build.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  return writer.program(writer.dense(x, 8, 10, 'dense'), 'softmax-cross-entropy', batchSize);
}

/** Token embeddings, positions, then pre-norm blocks of multi-head self-attention and a Gelu network; the mean over the sequence is classified. */
export function transformer(batchSize: number, { layers = 1, width = 8, heads = 2, length = 6, vocabulary = 11, classes = 10 } = {}): TrainingProgram {
  const writer = new ModelWriter();
  const { build } = writer;
  const linear = (x: string, from: number, to: number, layer: string): string =>
    build.node('Add', [build.node('MatMul', [x, writer.parameter(`${layer}.weight`, [from, to], from)]), writer.parameter(`${layer}.bias`, [to], from)]);
  const norm = (x: string, layer: string): string => build.node('LayerNormalization', [x, writer.parameter(`${layer}.scale`, [width], 3), writer.parameter(`${layer}.bias`, [width], 12)]);
  const split = (x: string): string => build.node('Transpose', [build.node('Reshape', [x, build.integers([0, length, heads, width / heads])])], { perm: [0, 2, 1, 3] });
  const tokens = build.node('Cast', [writer.input(length)], { to: 7 });
  let x = build.node('Add', [build.node('Gather', [writer.parameter('embedding', [vocabulary, width], 3), tokens]), writer.parameter('positions', [length, width], 12)]);
  for (let layer = 0; layer < layers; layer++) {
    const normal = norm(x, `block${layer}.norm1`);
    const [q = '', k = '', v = ''] = ['query', 'key', 'value'].map((name) => split(linear(normal, width, width, `block${layer}.${name}`)));
    const scores = build.node('Mul', [build.node('MatMul', [q, build.node('Transpose', [k], { perm: [0, 1, 3, 2] })]), build.scalar(1 / Math.sqrt(width / heads))]);
    const mixed = build.node('Transpose', [build.node('MatMul', [build.node('Softmax', [scores], { axis: -1 }), v])], { perm: [0, 2, 1, 3] });
    x = build.node('Add', [x, linear(build.node('Reshape', [mixed, build.integers([0, length, width])]), width, width, `block${layer}.output`)]);
    const hidden = build.node('Gelu', [linear(norm(x, `block${layer}.norm2`), width, 4 * width, `block${layer}.up`)]);
    x = build.node('Add', [x, linear(hidden, 4 * width, width, `block${layer}.down`)]);
  }
  x = build.node('ReduceMean', [norm(x, 'norm')], { axes: [1], keepdims: 0 });
  return writer.program(writer.dense(x, width, classes, 'dense'), 'softmax-cross-entropy', batchSize);
}

/** A recurrent layer over five steps of three features; its last state is classified. */
export function sequence(batchSize: number, kind: 'LSTM' | 'GRU'): TrainingProgram {
  const writer = new ModelWriter();
  const { build } = writer;
  const gates = kind === 'LSTM' ? 4 : 3;
  const x = build.node('Transpose', [writer.input(5, 3)], { perm: [1, 0, 2] });
  const weights = [writer.parameter('input', [1, gates * 6, 3], 3), writer.parameter('recurrent', [1, gates * 6, 6], 6), writer.parameter('bias', [1, 2 * gates * 6], 6)];
  const state = build.fresh('state');
  build.split(kind, [x, ...weights], 2, kind === 'GRU' ? { hidden_size: 6, linear_before_reset: 1 } : { hidden_size: 6 }, { outputs: ['', state] });
  const last = build.node('Squeeze', [state, build.integers([0])]);
  return writer.program(writer.dense(last, 6, 10, 'dense'), 'softmax-cross-entropy', batchSize);
}

/** The same records for a model that reads token numbers below `vocabulary`. */
export function tokensFor(program: TrainingProgram, classes: number, vocabulary: number): Batch {
  const batch = batchFor(program, classes);
  return { ...batch, features: batch.features.map((value) => Math.floor(((value + 1) / 2) * vocabulary)) };
}

/** Records with features in [−1, 1) and labels that go round the classes. */
export function batchFor(program: TrainingProgram, classes: number, seed = 7): Batch {
  const shape = program.graph.inputs[0]?.shape.slice(1) ?? [];
  const width = shape.reduce<number>((product, size) => product * Number(size), 1);
  return { size: program.batchSize, features: spread(program.batchSize * width, seed), labels: Int32Array.from({ length: program.batchSize }, (_, index) => (index * 7) % classes) };
}
