/**
 * Makes `out/examples/insteval`: 73,421 ratings of lecturers by 2,972 students of ETH Zürich (data set InstEval of the R package lme4,
 * taken from Debian's r-cran-lme4), a model that predicts a rating, and a request to forget one student.
 * Needs apt-get and dpkg-deb, so Debian or Ubuntu; or the folder of an installed lme4 in LME4_FOLDER. Run it with `npm run examples -- insteval`.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { openDataset } from '../../src/data/open-dataset';
import type { TableSource } from '../../src/data/source-spec';
import { examplesFolder, type Example } from './example';
import { columnText, named, readLazyLoad } from './r-data';
import { trainModel } from './train-model';

const folder = join(examplesFolder, 'insteval');
/** Lecturers are numbered up to 2160, departments up to 15, ages up to 8; every category of every column gets a row of the embedding. */
const SIZES = { d: 2161, dept: 16, studage: 9, lectage: 7, service: 2 };
const columns = Object.keys(SIZES);
const sizes = Object.values(SIZES);
/** Moves the categories of each column behind those of the columns before it. */
const offsets = sizes.map((_, index) => -sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
const source = (path: string): TableSource => ({ format: 'csv', path, label: 'y', classes: [1, 2, 3, 4, 5], features: columns, scale: { subtract: offsets } });
const STUDENT = 1;

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

async function prepare(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const table = named(readLazyLoad(...(await lazyLoadFiles(process.env['LME4_FOLDER'])), 'InstEval'));
  const cells = [...table.values()].map(columnText);
  const lines = Array.from({ length: cells[0]?.length ?? 0 }, (_, row) => cells.map((column) => column[row]).join(','));
  // Columns begin with the student's number.
  const isForgotten = (line: string): boolean => line.startsWith(`${STUDENT},`);
  const csv = (part: readonly string[]): string => `${[...table.keys()].join(',')}\n${part.join('\n')}\n`;
  await writeFile(join(folder, 'train.csv'), csv(lines.filter((_, row) => row % 10 !== 9)));
  await writeFile(join(folder, 'test.csv'), csv(lines.filter((line, row) => row % 10 === 9 && !isForgotten(line))));
  await writeFile(join(folder, 'forget-student.unlearn.json'), `${JSON.stringify(request, undefined, 2)}\n`);
  await trainModel(join(folder, 'model'), {
    network: () => tf.sequential({
      name: 'ratings',
      layers: [
        tf.layers.embedding({ inputDim: sizes.reduce((sum, size) => sum + size, 0), outputDim: 8, inputLength: columns.length, name: 'embedding' }),
        tf.layers.flatten({ name: 'flatten' }),
        tf.layers.dense({ units: 5, activation: 'softmax', name: 'rating' }),
      ],
    }),
    loss: 'softmax-cross-entropy',
    train: await openDataset(source(join(folder, 'train.csv'))),
    test: await openDataset(source(join(folder, 'test.csv'))),
    epochs: 3,
  });
  console.log(`${folder}: ${lines.length} ratings`);
}

export const insteval: Example = {
  name: 'insteval',
  title: 'InstEval: the ratings of one student',
  prepare,
  request: join(folder, 'forget-student.unlearn.json'),
  certificate: join(folder, 'model', 'unlearned', 'model.unlearning-certificate.json'),
  whose: ['--id', String(STUDENT)],
};
