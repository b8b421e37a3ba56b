import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNpyStream } from '../../src/data/element-stream';
import { openModel } from '../../src/model/open-model';
import { collect, inMemory } from '../unit/data/sources';
import { largestDifference, runGraph } from '../unit/model/run-graph';

/**
 * Models that Keras itself trains and saves, unlearned by the built command line, and opened again by Keras itself.
 * KERAS_PYTHON names one or more Pythons that have Keras, separated as in PATH; without it nothing here is run.
 */

const run = promisify(execFile);
const pythons = (process.env['KERAS_PYTHON'] ?? '').split(delimiter).filter((path) => path !== '');
const script = join(__dirname, '..', 'real', 'keras_models.py');
const layers = join(__dirname, '..', 'fixtures', 'models', 'make_layers.py');
/** Long enough for a framework to start on a machine with other work. */
const timeout = 900_000;

interface Made {
  readonly version: string;
  readonly models: Readonly<Record<string, readonly string[]>>;
}

/** What a script prints behind the word `made`, among whatever a framework prints besides. */
async function python<Result>(path: string, ...args: readonly string[]): Promise<Result> {
  const { stdout } = await run(path, [script, ...args], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('made '))?.slice(5) ?? 'null') as Result;
}

/** Our outputs for every record of a file of features. */
async function outputsOf(model: string, features: string): Promise<Float32Array> {
  const { shape, values } = await collect(openNpyStream(inMemory(readFileSync(features), { file: features })));
  return runGraph((await openModel(model)).graph, Float32Array.from(values, Number), shape[0] ?? 0);
}

// A suite needs one test at least, if only to skip it.
describe.skipIf(pythons.length === 0).each(pythons.length === 0 ? ['no Python'] : pythons)('Keras of %s', (path) => {
  let folder: string;
  let made: Made;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keras-'));
    made = await python<Made>(path, 'make', folder);
  }, timeout);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('opens what was unlearned from, computes what we compute, and finds nothing of the optimiser', async () => {
    for (const [name, files] of Object.entries(made.models)) {
      const features = join(folder, `${name}-features.npy`);
      const released: string[] = [];
      for (const file of files) {
        const request = join(folder, `${file}.unlearn.json`);
        writeFileSync(request, JSON.stringify({
          version: 1,
          model: file,
          data: { train: { format: 'npy', features: `${name}-features.npy`, labels: `${name}-labels.npy` } },
          forget: { rows: ['0-23'] },
          target: { epsilon: 8, delta: 1e-5 },
          method: { name: 'layered-gradient-clipping', steps: 20, batchSize: 32 },
          recovery: { epochs: 2, batchSize: 32 },
          seed: 1,
          certificate: `${file}.unlearning-certificate.json`,
        }));
        const { stdout } = await run(process.execPath, ['dist/cli.js', 'run', request, '--json'], { maxBuffer: 2 ** 26 });
        released.push((JSON.parse(stdout) as { model: string }).model);
      }
      const theirs = await python<readonly { outputs: number[]; optimizer: boolean }[]>(path, 'predict', features, ...released);
      const original = await python<readonly { outputs: number[] }[]>(path, 'predict', features, ...files.map((file) => join(folder, file)));
      for (const [index, file] of released.entries()) {
        const { outputs, optimizer } = theirs[index] ?? { outputs: [], optimizer: true };
        const difference = largestDifference(await outputsOf(file, features), outputs);
        console.log(`Keras ${made.version}, ${files[index] ?? ''}: ${outputs.length} probabilities, largest difference ${difference.toExponential(1)}`);
        // Probabilities of order one, in float32 computed in another order: 1e-5 is some 80 roundings.
        expect(difference, file).toBeLessThan(1e-5);
        expect(largestDifference(await outputsOf(join(folder, files[index] ?? ''), features), original[index]?.outputs ?? []), file).toBeLessThan(1e-5);
        // The noise has moved it: what was opened is not the original.
        expect(largestDifference(Float32Array.from(outputs), original[index]?.outputs ?? []), file).toBeGreaterThan(1e-3);
        expect(optimizer, file).toBe(false);
      }
    }
  }, timeout);

  it('has its layers opened from its own files with its own outputs', async () => {
    const cases = join(folder, 'layers');
    await run(path, [layers, `${cases}/`], { maxBuffer: 2 ** 28 });
    const results = JSON.parse(readFileSync(join(cases, 'outputs.json'), 'utf8')) as Record<string, { files: string[]; input: number[]; count: number; output: number[] }>;
    let largest = 0;
    let opened = 0;
    for (const { files, input, count, output } of Object.values(results)) {
      for (const file of files) {
        const { graph } = await openModel(join(cases, file));
        const scale = Math.max(1, ...output.map(Math.abs));
        const difference = largestDifference(await runGraph(graph, Float32Array.from(input), count), output) / scale;
        expect(difference, file).toBeLessThan(1e-5);
        largest = Math.max(largest, difference);
        opened += 1;
      }
    }
    console.log(`Keras ${made.version}: ${opened} files of ${Object.keys(results).length} models of single layers, largest difference ${largest.toExponential(1)} of the largest output`);
  }, timeout);
});
