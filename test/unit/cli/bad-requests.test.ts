import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Whatever a user can get wrong: one clear message naming file and field, exit code 2, and nothing written. */

const examples = join('examples', 'mnist');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bad-requests-'));
  cpSync(examples, folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Json = Record<string, unknown>;

const original = JSON.parse(readFileSync(join(examples, 'forget-c17.unlearn.json'), 'utf8')) as Json;

function child(value: Json, name: string): Json {
  return value[name] as Json;
}

/** Runs a changed request and returns the error as the command line prints it for machines. */
function errorOf(change: (request: Json) => void): { status: number | null; error: { code: string; message: string; file?: string; field?: string } } {
  const request = structuredClone(original);
  change(request);
  const file = join(folder, 'bad.unlearn.json');
  writeFileSync(file, JSON.stringify(request, undefined, 2));
  const before = listing(folder);
  const { status, stdout } = spawnSync(process.execPath, ['dist/cli.js', 'run', file, '--json'], { encoding: 'utf8', env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'keys') } });
  expect(listing(folder).filter((name) => !name.startsWith('keys'))).toEqual(before.filter((name) => !name.startsWith('keys')));
  return { status, ...(JSON.parse(stdout) as { error: { code: string; message: string } }) };
}

function listing(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
}

/** An IDX file of float32 values, big-endian. */
function floats(name: string, dimensions: readonly number[], values: (index: number) => number): string {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0d00 + dimensions.length, 0);
  dimensions.forEach((dimension, index) => header.writeUInt32BE(dimension, 4 + 4 * index));
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  const body = Buffer.alloc(4 * size);
  for (let index = 0; index < size; index += 1) {
    body.writeFloatBE(values(index), 4 * index);
  }
  writeFileSync(join(folder, name), gzipSync(Buffer.concat([header, body])));
  return name;
}

const train = (request: Json): Json => child(child(request, 'data'), 'train');

const cases: readonly [string, (request: Json) => void, { code: string; field?: string; message?: RegExp }][] = [
  ['a missing model', (r) => (r['model'] = 'absent.h5'), { code: 'model-missing' }],
  ['missing features', (r) => (train(r)['features'] = 'absent-idx3-ubyte'), { code: 'file-missing', field: 'data.train.features' }],
  ['missing labels', (r) => (train(r)['labels'] = 'absent-idx1-ubyte'), { code: 'file-missing', field: 'data.train.labels' }],
  ['a column that does not exist', (r) => (r['forget'] = { where: "person = 'c17'" }), { code: 'predicate-failed', field: 'forget.where', message: /person/ }],
  ['a predicate that is no predicate', (r) => (r['forget'] = { where: "1=1); copy records to 'stolen.csv'; --" }), { code: 'predicate-syntax', field: 'forget.where' }],
  ['a row that does not exist', (r) => (r['forget'] = { rows: [4000] }), { code: 'row-out-of-range', field: 'forget.rows[0]' }],
  ['nothing to forget', (r) => (r['forget'] = { where: "contributor = 'nobody'" }), { code: 'forget-nothing', field: 'forget' }],
  ['everything to forget', (r) => (r['forget'] = { rows: ['0-3999'] }), { code: 'forget-everything', field: 'forget' }],
  ['a feature shape that the model cannot read', (r) => (train(r)['shape'] = [784, 1, 1, 2]), { code: 'shape-mismatch' }],
  ['a label out of range', (r) => (train(r)['labels'] = floats('labels.gz', [4000], (index) => (index === 7 ? 10 : 3))), { code: 'label-out-of-range', field: 'data.train.labels', message: /record 7 has the label 10/ }],
  ['a feature that is not a number', (r) => Object.assign(train(r), { features: floats('features.gz', [4000, 28, 28], (index) => (index === 784 * 5 + 3 ? Number.NaN : 0)) }), { code: 'feature-not-finite', field: 'data.train.features', message: /5/ }],
  ['ε = 0', (r) => (child(r, 'target')['epsilon'] = 0), { code: 'request-field', field: 'target.epsilon' }],
  ['a negative ε', (r) => (child(r, 'target')['epsilon'] = -1), { code: 'request-field', field: 'target.epsilon' }],
  ['δ = 1', (r) => (child(r, 'target')['delta'] = 1), { code: 'request-field', field: 'target.delta' }],
  ['an unknown field', (r) => (r['epsilon'] = 1), { code: 'request-field', field: 'epsilon', message: /unknown field/ }],
  ['noise too small for the target', (r) => (child(r, 'method')['sigma'] = 1e-6), { code: 'target-not-met' }],
  ['a batch larger than what is kept', (r) => (child(r, 'method')['batchSize'] = 4000), { code: 'batch-too-large', field: 'method.batchSize' }],
  ['other noise weights than steps', (r) => (child(r, 'method')['sigmaShape'] = [1, 2, 3]), { code: 'malformed', field: 'method.sigmaShape' }],
  ['other weights of the learning rate than steps', (r) => (child(r, 'method')['learningRateShape'] = [1, 2, 3]), { code: 'malformed', field: 'method.learningRateShape' }],
  ['a decay that throws the parameters about', (r) => (child(r, 'method')['decay'] = 25), { code: 'decay-too-large', field: 'method.decay' }],
  ['a folder as the model', (r) => (r['model'] = 'model'), { code: 'model-unreadable', message: /folder/ }],
  ['an output over the original', (r) => (r['output'] = 'model/model.json'), { code: 'output-is-model', field: 'output' }],
  ['an output whose other files would replace the original\'s', (r) => (r['output'] = 'model/other.json'), { code: 'output-is-model', field: 'output' }],
];

describe('a request with', () => {
  it.each(cases)('%s is refused', (_name, change, expected) => {
    const { status, error } = errorOf(change);
    expect(error).toMatchObject({ code: expected.code, ...(expected.field === undefined ? {} : { field: expected.field }) });
    expect(error.message).toMatch(expected.message ?? /./);
    expect(error.file).toMatch(/./);
    expect(error.field ?? (['model-missing', 'model-unreadable'].includes(error.code) ? 'the file says it all' : '')).not.toBe('');
    expect(status).toBe(2);
  });
});

describe('a model file that', () => {
  const damage = (name: string, change: (path: string) => void): ((request: Json) => void) => (request) => {
    const copy = join(folder, name);
    mkdirSync(copy, { recursive: true });
    copyFileSync(join(examples, 'model', 'model.json'), join(copy, 'model.json'));
    copyFileSync(join(examples, 'model', 'weights.bin'), join(copy, 'weights.bin'));
    change(copy);
    request['model'] = `${name}/model.json`;
  };

  it.each([
    ['is cut off', damage('cut', (path) => writeFileSync(join(path, 'model.json'), readFileSync(join(path, 'model.json')).subarray(0, 500))), /model/],
    ['has lost its weights', damage('lost', (path) => rmSync(join(path, 'weights.bin'))), /weights/],
    ['has too few weights', damage('few', (path) => writeFileSync(join(path, 'weights.bin'), readFileSync(join(path, 'weights.bin')).subarray(0, 100))), /weights|model/],
    ['has a weight that is not a number', damage('nan', (path) => {
      const weights = readFileSync(join(path, 'weights.bin'));
      weights.writeFloatLE(Number.NaN, 40);
      writeFileSync(join(path, 'weights.bin'), weights);
    }), /weights-not-finite/],
    ['has a layer that is not supported', damage('layer', (path) => {
      writeFileSync(join(path, 'model.json'), readFileSync(join(path, 'model.json'), 'utf8').replace('"class_name": "MaxPooling2D"', '"class_name": "Sorcery"'));
    }), /layer-unsupported/],
  ])('%s is refused', (_name, change, code) => {
    const { status, error } = errorOf(change);
    expect(error.code).toMatch(code);
    expect(error.file).toMatch(/model\.json|weights\.bin/);
    expect(status).toBe(2);
  });
});
