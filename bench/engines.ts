/**
 * Time of one certified step on every engine that loads, in PyTorch where PYTHON names an interpreter that has it, in JAX where JAX does, and on
 * native TensorFlow where TFJS_NODE names its folder: `npm run bench:engines [-- [--processor-time] MODEL…]`. Rounds of all competitors are
 * interleaved, so that a busy machine slows all of them alike. With --processor-time all run on one thread and only the time on a processor
 * counts: what remains comparable where others use the machine.
 */
import type { Engine, Session } from '../src/engine/engine';
import { CryptographicNoise } from '../src/engine/noise/cryptographic-noise';
import { noiseStream } from '../src/engine/noise/noise-stream';
import { openOnnxRuntime } from '../src/engine/onnxruntime/open';
import { openTensorFlow } from '../src/engine/tensorflow/open';
import { benchModels } from './models';
import type { BenchModel } from './models';
import { Peer } from './peers/peer';
import { plainStep } from './plain-step';

const processorTime = process.argv.includes('--processor-time');
const threads = processorTime ? 1 : 2;
const batchSize = 128;
const rounds = 7;
/** Milliseconds of one round. */
const budget = 400;

interface Competitor {
  readonly name: string;
  /** Milliseconds a step in one round. */
  readonly round: () => Promise<number>;
  readonly dispose: () => Promise<void>;
}

function milliseconds(): number {
  if (!processorTime) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed(step: () => Promise<unknown>): Promise<number> {
  const start = milliseconds();
  let count = 0;
  while (milliseconds() - start < budget) {
    await step();
    count++;
  }
  return (milliseconds() - start) / count;
}

async function certified(engine: Engine, title: string, { program, batch }: BenchModel): Promise<Competitor> {
  const session: Session = await engine.prepare(program);
  const normals = noiseStream(new CryptographicNoise(), session.dimension, Infinity);
  const step = (): Promise<unknown> => session.noisyStep(batch, { learningRate: 0.05, decay: 0, gradientRadius: 1, sigma: 1e-3, noise: normals.next() });
  for (let warm = 0; warm < 3; warm++) await step();
  const dispose = async (): Promise<void> => {
    await normals.close();
    await session.dispose();
  };
  return { name: title, round: () => timed(step), dispose };
}

/** Nanoseconds a sample of noise, drawn at the call, in each of several rounds. */
function noiseRounds(): readonly number[] {
  const source = new CryptographicNoise();
  const drawn = new Float32Array(1 << 20);
  return Array.from({ length: 4 * rounds }, () => {
    const start = milliseconds();
    for (let draw = 0; draw < 8; draw++) source.fill(drawn);
    return ((milliseconds() - start) * 1e6) / (8 * drawn.length);
  });
}

function startPeer(title: string, python: string | undefined, script: string): Promise<Peer> | undefined {
  return python === undefined ? undefined : Peer.start(title, python, script, { clock: processorTime ? 'process_time' : 'perf_counter', threads, batch: batchSize, budget });
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const onnxruntime = await openOnnxRuntime({ threads });
  const nativeFolder = process.env['TFJS_NODE'];
  const wasm = await openTensorFlow({ backend: 'wasm' });
  const native = await openTensorFlow({ backend: 'native', ...(nativeFolder === undefined ? {} : { nativeFolder }) }).catch(() => undefined);
  const peers = [await startPeer('PyTorch', process.env['PYTHON'], 'pytorch_step.py'), await startPeer('JAX', process.env['JAX'], 'jax_step.py')].flatMap((peer) => peer ?? []);
  const noise = noiseRounds();
  console.log(`noise: ${median(noise).toFixed(2)} ns a sample (${Math.min(...noise).toFixed(2)}–${Math.max(...noise).toFixed(2)})`);
  console.log(`${processorTime ? 'processor time, ' : ''}${threads} thread(s), batch ${batchSize}; ms a step: median (fastest–slowest of ${rounds} rounds); ratios to PyTorch, round by round`);
  for (const model of benchModels(batchSize).filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))) {
    const competitors = [
      await certified(onnxruntime, 'onnxruntime', model),
      await plainStep(model, onnxruntime, threads, timed),
      ...(native === undefined ? [] : [await certified(native, 'tfjs-node', model)]),
      await certified(wasm, 'tfjs wasm', model),
      ...peers.map((peer): Competitor => ({ name: peer.title, round: () => peer.round(model.name), dispose: () => Promise.resolve() })),
    ];
    const times = new Map<string, number[]>(competitors.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { name, round: run } of competitors) times.get(name)?.push(await run());
    }
    console.log(`\n${model.name}`);
    const peer = times.get('PyTorch');
    for (const [name, values] of times) {
      const ratio = peer === undefined ? '' : `   ${median(values.map((value, round) => value / (peer[round] ?? NaN))).toFixed(2)}`;
      console.log(`  ${name.padEnd(22)}${median(values).toFixed(3).padStart(9)}  (${Math.min(...values).toFixed(3)}–${Math.max(...values).toFixed(3)})${ratio}`);
    }
    const [own = [], simple = []] = ['onnxruntime', 'plain SGD step'].map((name) => times.get(name) ?? []);
    console.log(`  certified ÷ plain SGD  ${median(own.map((value, round) => value / (simple[round] ?? NaN))).toFixed(2)}`);
    await Promise.all(competitors.map((competitor) => competitor.dispose()));
  }
  for (const peer of peers) peer.stop();
}

void main();
