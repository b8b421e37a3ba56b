import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/root';

/** People as generated: number n of 400 is p0 … p39 in turn, from four cities, every 50th of unknown age. */
export const people = Array.from({ length: 400 }, (_, index) => ({
  person: `p${index % 40}`,
  age: index % 50 === 49 ? '' : String(20 + ((index * 7) % 50)),
  city: ['Bern', 'Chur', 'Genf', 'Zug'][index % 4] ?? '',
  visits: String((index * 13) % 17),
  stays: String((index * 5) % 11),
  left: String(index % 3 === 0 ? 1 : 0),
}));

export type Person = (typeof people)[number];

/** A folder with a table of people, an archive of arrays, and a small model of two of its columns; `left` is what it predicts. */
export function ratingsProject(folder: string): void {
  mkdirSync(path.join(folder, 'model'), { recursive: true });
  const columns = ['person', 'age', 'city', 'visits', 'stays', 'left'] as const;
  writeFileSync(path.join(folder, 'people.csv'), [columns.join(','), ...people.map((row) => columns.map((column) => row[column]).join(','))].join('\n'));
  writeFileSync(path.join(folder, 'notes.txt'), 'no data');
  cpSync(path.join(root, 'test/fixtures/data/numpy-stored.npz'), path.join(folder, 'numpy-stored.npz'));
  const layers = [
    { class_name: 'InputLayer', config: { batch_input_shape: [null, 2], dtype: 'float32', sparse: false, name: 'input' } },
    { class_name: 'Dense', config: { units: 2, activation: 'softmax', use_bias: true, name: 'dense', trainable: true, dtype: 'float32' } },
  ];
  const weights = [{ name: 'dense/kernel', shape: [2, 2], dtype: 'float32' }, { name: 'dense/bias', shape: [2], dtype: 'float32' }];
  writeFileSync(path.join(folder, 'model/model.json'), JSON.stringify({
    format: 'layers-model', generatedBy: 'test', convertedBy: null,
    modelTopology: { class_name: 'Sequential', config: { name: 'sequential', layers }, keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  }));
  writeFileSync(path.join(folder, 'model/weights.bin'), new Uint8Array(new Float32Array([0.3, -0.2, 0.1, 0.4, 0, 0.1]).buffer));
  const request = {
    version: 1, model: 'model/model.json', data: { train: { format: 'csv', path: 'nowhere.csv' } }, forget: {},
    target: { epsilon: 1, delta: 1e-5 }, method: { name: 'layered-gradient-clipping' },
  };
  writeFileSync(path.join(folder, 'people.unlearn.json'), `${JSON.stringify(request, undefined, 2)}\n`);
}
