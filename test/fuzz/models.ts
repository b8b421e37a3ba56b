import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { damaged, randomOf } from './damage';
import { examineModel } from './examine-model';
import type { Case, Subject } from './subject';

const fixtures = join('test', 'fixtures', 'models');

/** A model of each format and kind that the fixtures hold, and which files beside it belong to it. */
const seeds: readonly { readonly model: string; readonly companions?: RegExp }[] = [
  { model: 'branches.h5' },
  { model: 'layers.h5' },
  { model: 'keras3.keras' },
  { model: 'keras3.h5' },
  { model: 'keras3-apart/keras3.weights.h5', companions: /keras3\.json$/ },
  { model: 'sequences.keras' },
  { model: 'compressed.h5' },
  { model: 'latest.h5' },
  { model: 'deflated.keras' },
  { model: 'torch/traced.onnx' },
  { model: 'torch/traced-9.onnx' },
  { model: 'torch/external.onnx', companions: /external\.onnx\.data$/ },
  { model: 'torch/constants.onnx' },
  { model: 'torch/half.onnx' },
  { model: 'torch/batchnorm-training-12.onnx' },
  { model: 'torch/model.safetensors' },
  { model: 'torch/sharded/model.safetensors.index.json', companions: /\.safetensors$/ },
  { model: 'torch/state.pt' },
  { model: 'torch/legacy.pth' },
  { model: 'lpips/alex.pth' },
  { model: 'torch/checkpoint.pth' },
  { model: 'torch/views.pt' },
  { model: 'torch/protocol-4.pth' },
  { model: 'torch/scripted.pt' },
  { model: 'tfjs/model.json', companions: /\.bin$|shard/ },
];

/** The same damage every time, for the same seed and round: three times in four to the model's main file, else to one beside it. */
async function caseOf(seed: number, round: number): Promise<Case> {
  const { model, companions } = seeds[seed % seeds.length] ?? { model: '' };
  const path = join(fixtures, model);
  const beside = companions === undefined ? [] : (await readdir(dirname(path))).filter((name) => companions.test(name) && join(dirname(path), name) !== path).sort();
  const names = [model.split('/').at(-1) ?? '', ...beside];
  const random = randomOf(seed, round);
  const chosen = random(4) === 0 ? random(names.length) : 0;
  const files = await Promise.all(names.map(async (name, index) => {
    const original = await readFile(join(dirname(path), name));
    return { name, bytes: index === chosen ? damaged(original, random) : original };
  }));
  return { seed: model, files, examine: (folder) => examineModel(join(folder, names[0] ?? '')) };
}

export const models: Subject = { seedCount: seeds.length, caseOf, mayEndProcess: () => false };
