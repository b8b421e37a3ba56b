/**
 * Peak memory of whole runs: `npm run bench:run-memory`. A network of 20 million parameters, 784-4096-4096-10, unlearns records of the shipped
 * example by the built command line; what is shown is the most resident memory that the engine's process ever had, as the run itself
 * records it, beside the goal: 6 × the parameters + the activations of one batch + 150 MB.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encodeGraph } from '../src/graph/to-onnx';
import { GraphBuilder } from '../src/graph/builder';

const sizes = [784, 4096, 4096, 10];
const batch = 128;
const few = { learningRate: 0.01, steps: 5 };
/** Settings under which five steps stay finite; nothing here is about accuracy. */
const runs = {
  'gradient clipping, no recovery': { method: { name: 'gradient-clipping', initialRadius: 1, gradientRadius: 0.001, decay: 1, ...few }, recovery: { epochs: 0 } },
  'layered gradient clipping, SGD with momentum': { method: { name: 'layered-gradient-clipping', ...few }, recovery: { epochs: 0.3, learningRate: 0.01 } },
  'layered gradient clipping, Adam': { method: { name: 'layered-gradient-clipping', ...few }, recovery: { epochs: 0.3, learningRate: 0.001, optimizer: 'adam' } },
} as const;

/** A perceptron with deterministic weights of the usual size. */
function network(): Uint8Array {
  const build = new GraphBuilder();
  let x = build.input('x', ['batch', sizes[0] ?? 1]);
  sizes.slice(1).forEach((width, layer) => {
    const before = sizes[layer] ?? 1;
    const weights = new Float32Array(before * width).map((_unused, index) => Math.sin(12.9898 * index) / Math.sqrt(before));
    const dense = build.node('Gemm', [x, build.tensor({ name: `weight${layer}`, dataType: 'float32', shape: [before, width], role: 'parameter', values: weights }), build.tensor({ name: `bias${layer}`, dataType: 'float32', shape: [width], role: 'parameter', values: new Float32Array(width) })]);
    x = layer === sizes.length - 2 ? dense : build.node('Relu', [dense]);
  });
  build.output(x);
  return encodeGraph(build.build());
}

const folder = mkdtempSync(join(tmpdir(), 'run-memory-'));
try {
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
  writeFileSync(join(folder, 'wide.onnx'), network());
  const shipped = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as { data: { train: object; evaluation?: object } };
  const parameters = sizes.slice(1).reduce((sum, width, layer) => sum + ((sizes[layer] ?? 0) + 1) * width, 0);
  const activations = sizes.reduce((sum, width) => sum + 2 * batch * width, 0);
  const goal = (6 * 4 * parameters + 4 * activations) / 1e6 + 150;
  console.log(`${parameters.toLocaleString('en')} parameters (${(4 * parameters / 1e6).toFixed(0)} MB), batch ${batch}; goal ${goal.toFixed(0)} MB`);
  for (const [name, settings] of Object.entries(runs)) {
    const request = join(folder, 'wide.unlearn.json');
    writeFileSync(request, JSON.stringify({ ...shipped, model: 'wide.onnx', engine: 'onnxruntime', data: { train: { ...shipped.data.train, shape: [784] } }, ...settings }));
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('dist', 'cli.js'), 'run', request, '--overwrite', '--json'], { encoding: 'utf8', env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'home') } });
    if (status !== 0) throw new Error(`${stdout}${stderr}`);
    const { privateFolder } = JSON.parse(stdout) as { privateFolder: string };
    const { peakMemory } = JSON.parse(readFileSync(join(privateFolder, 'course.json'), 'utf8')) as { peakMemory: number };
    console.log(`${name.padEnd(46)} ${(peakMemory / 1e6).toFixed(0)} MB, ${(peakMemory / 1e6 / goal).toFixed(2)} of the goal`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
