import type { Loss, TrainingProgram } from '../../../src/engine/engine';
import { GraphBuilder } from '../../../src/graph/builder';
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

/** Records with features in [−1, 1) and labels that go round the classes. */
export function batchFor(program: TrainingProgram, classes: number, seed = 7): Batch {
  const shape = program.graph.inputs[0]?.shape.slice(1) ?? [];
  const width = shape.reduce<number>((product, size) => product * Number(size), 1);
  return { size: program.batchSize, features: spread(program.batchSize * width, seed), labels: Int32Array.from({ length: program.batchSize }, (_, index) => (index * 7) % classes) };
}
