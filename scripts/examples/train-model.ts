import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../../src/data/dataset';
import type { Loss } from '../../src/engine/engine';
import { openEngine } from '../../src/engine/engines';
import { evaluate } from '../../src/engine/evaluate';
import { layoutOf, unflatten } from '../../src/engine/flat-vector';
import { recover } from '../../src/engine/recovery';
import { openModel } from '../../src/model/open-model';

export interface Training {
  /** Makes the layers; TensorFlow.js is ready when it is called. */
  readonly network: () => tf.LayersModel;
  readonly loss: Loss;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly epochs: number;
}

/** Saves a network as TensorFlow.js saves models, into `folder`. */
async function saveNetwork(network: tf.LayersModel, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await network.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const json = { format: 'layers-model', generatedBy: 'scripts/examples', convertedBy: null, modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
    await writeFile(join(folder, 'model.json'), `${JSON.stringify(json, null, 2)}\n`);
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  }));
}

/** Makes the model that an example unlearns from: architecture and first weights from TensorFlow.js, training by this project's own engine. */
export async function trainModel(folder: string, { network, loss, train, test, epochs }: Training): Promise<void> {
  await tf.setBackend('cpu');
  await saveNetwork(network(), folder);
  const model = await openModel(join(folder, 'model.json'));
  const trainable = [...model.graph.tensors.values()].filter(({ role }) => role === 'parameter').map(({ name }) => name);
  const settings = { epochs, optimizer: 'adam', learningRate: 0.002, schedule: 'cosine', momentum: 0, weightDecay: 0, clipNorm: Infinity, batchSize: 64 } as const;
  const program = { graph: model.graph, loss, trainable, batchSize: settings.batchSize };
  const session = await (await openEngine('onnxruntime')).prepare(program);
  const records = Uint32Array.from({ length: train.count }, (_, record) => record);
  const onProgress = ({ step, steps, loss: now }: { step: number; steps: number; loss: number }): void => {
    if (step % 200 === 0) console.log(`step ${step} of ${steps}, loss ${now.toFixed(3)}`);
  };
  await recover({ session, dataset: train, records, settings, seed: 1, onProgress });
  console.log('test data:', await evaluate(session, test));
  for (const { path, bytes } of await model.write(unflatten(layoutOf(program), await session.parameters()))) await writeFile(join(folder, path), bytes);
  await session.dispose();
}
