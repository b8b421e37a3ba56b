/**
 * Makes `out/examples/insteval`: 73,421 ratings of lecturers by 2,972 students of ETH Zürich (data set InstEval of the R package lme4,
 * taken from Debian's r-cran-lme4), a model that predicts a rating, and a request to forget one student.
 * Needs apt-get and dpkg-deb, so Debian or Ubuntu; or the folder of an installed lme4: `node scripts/run.js scripts/examples/insteval.ts [FOLDER]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { openDataset } from '../../src/data/open-dataset';
import type { TableSource } from '../../src/data/source-spec';
import { root } from '../root';
import { columnText, named, readLazyLoad } from './r-data';
import { start, trainModel } from './train-model';

const folder = join(root, 'out', 'examples', 'insteval');
/** Lecturers are numbered up to 2160. One feature for each, then a dense layer: an embedding. */
const LECTURERS = 2161;
const source = (path: string): TableSource => ({
  format: 'csv',
  path,
  label: 'y',
  classes: [1, 2, 3, 4, 5],
  features: [{ column: 'd', oneHot: LECTURERS }, { column: 'dept', oneHot: 16 }, { column: 'studage', oneHot: [2, 4, 6, 8] }, { column: 'lectage', oneHot: [1, 2, 3, 4, 5, 6] }, { column: 'service', oneHot: 2 }],
});
const STUDENT = 1;
const FEATURES = LECTURERS + 16 + 4 + 6 + 2;

/** Index and database of lme4's data sets. */
async function lazyLoadFiles(installed: string | undefined): Promise<[Uint8Array, Uint8Array]> {
  const read = (data: string): Promise<[Uint8Array, Uint8Array]> => Promise.all([readFile(join(data, 'Rdata.rdx')), readFile(join(data, 'Rdata.rdb'))]);
  if (installed !== undefined) return read(join(installed, 'data'));
  const work = await mkdtemp(join(tmpdir(), 'insteval-'));
  try {
    execFileSync('apt-get', ['download', 'r-cran-lme4'], { cwd: work, stdio: 'inherit' });
    const [archive = ''] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', archive, 'package'], { cwd: work });
    return await read(join(work, 'package', 'usr', 'lib', 'R', 'site-library', 'lme4', 'data'));
  } finally {
    await rm(work, { recursive: true });
  }
}

const request = {
  version: 1,
  model: 'model/model.json',
  data: { train: source('train.csv'), evaluation: source('test.csv') },
  forget: { ids: { column: 's', values: [STUDENT] } },
  duplicates: 'keep',
  target: { epsilon: 1, delta: 1e-5 },
  method: { name: 'layered-gradient-clipping' },
  recovery: { epochs: 5, optimizer: 'adam', learningRate: 0.002, batchSize: 64 },
};

start(async () => {
  await mkdir(folder, { recursive: true });
  const columns = named(readLazyLoad(...(await lazyLoadFiles(process.argv[2])), 'InstEval'));
  const cells = [...columns.values()].map(columnText);
  const lines = Array.from({ length: cells[0]?.length ?? 0 }, (_, row) => cells.map((column) => column[row]).join(','));
  // Columns begin with the student's number.
  const isForgotten = (line: string): boolean => line.startsWith(`${STUDENT},`);
  const csv = (part: readonly string[]): string => `${[...columns.keys()].join(',')}\n${part.join('\n')}\n`;
  await writeFile(join(folder, 'train.csv'), csv(lines.filter((_, row) => row % 10 !== 9)));
  await writeFile(join(folder, 'test.csv'), csv(lines.filter((line, row) => row % 10 === 9 && !isForgotten(line))));
  await writeFile(join(folder, 'forget-student.unlearn.json'), `${JSON.stringify(request, undefined, 2)}\n`);
  await trainModel(join(folder, 'model'), {
    network: () => tf.sequential({
      name: 'ratings',
      layers: [
        tf.layers.dense({ units: 8, useBias: false, inputShape: [FEATURES], name: 'embedding' }),
        tf.layers.dense({ units: 5, activation: 'softmax', name: 'rating' }),
      ],
    }),
    loss: 'softmax-cross-entropy',
    train: await openDataset(source(join(folder, 'train.csv'))),
    test: await openDataset(source(join(folder, 'test.csv'))),
    epochs: 3,
  });
  console.log(`${folder}: ${lines.length} ratings`);
});
