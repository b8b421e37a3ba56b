import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/model/checkpoint/open-checkpoint';
import { openModel } from '../../src/model/open-model';
import { runGraph } from '../unit/model/run-graph';

/**
 * Models and checkpoints that PyTorch, its two ONNX exporters, safetensors and transformers write today; unlearned by the built command line;
 * and what those frameworks make of the results. Runs where PYTORCH_PYTHON names a Python that has them; see test/real/pytorch.py.
 */
const python = process.env['PYTORCH_PYTHON'];
const script = join(__dirname, '..', 'real', 'pytorch.py');

describe.skipIf(python === undefined)('what PyTorch makes of results', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pytorch-'));
    execFileSync(python ?? '', [script, 'make', folder], { stdio: 'ignore' });
    cpSync(join(__dirname, '..', 'fixtures', 'models', 'lpips', 'alex.pth'), join(folder, 'alex.pth'));
  }, 600_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What the frameworks give for tasks of `pytorch.py`, one after the other. */
  function read(...tasks: readonly Readonly<Record<string, string>>[]): unknown[] {
    return JSON.parse(execFileSync(python ?? '', [script, 'read', JSON.stringify(tasks)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as unknown[];
  }

  /** Runs a request by the command line, verifies its certificate the same way, and returns the path of the released model. */
  function unlearn(model: string, net: string, method: object, recovery?: object): string {
    const path = join(folder, `${model.replaceAll(/[/.]/g, '-')}.unlearn.json`);
    const output = model.includes('/') ? join('released', model) : undefined;
    writeFileSync(path, JSON.stringify({
      version: 1,
      model,
      ...(output === undefined ? {} : { output }),
      data: { train: { format: 'npz', features: `${net}.npz`, featuresKey: 'features', labelsKey: 'labels' } },
      forget: { rows: ['0-19'] },
      target: { epsilon: 8, delta: 1e-5 },
      method,
      ...(recovery === undefined ? {} : { recovery }),
    }));
    const command = (...args: string[]): { readonly model: string; readonly certificate: string } => {
      const { stdout, stderr, status } = spawnSync(process.execPath, ['dist/cli.js', ...args, '--json'], { encoding: 'utf8', env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'keys') }, maxBuffer: 1 << 28 });
      expect(status, `${stdout}${stderr}`).toBe(0);
      return JSON.parse(stdout) as ReturnType<typeof command>;
    };
    const released = command('run', path);
    command('verify', released.certificate);
    return released.model;
  }

  const training = { name: 'gradient-clipping', initialRadius: 1, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 20, batchSize: 32 };
  const recovery = { epochs: 5, learningRate: 0.05, batchSize: 32 };

  /** Our outputs for the probe's eight records, from the released file, and how large they are. */
  async function ours(path: string, net: string): Promise<{ readonly outputs: Float32Array; readonly scale: number }> {
    const npy = readFileSync(join(folder, `${net}-probe.npy`));
    const start = 10 + npy.readUInt16LE(8);
    const outputs = await runGraph((await openModel(path)).graph, new Float32Array(new Uint8Array(npy.subarray(start)).buffer), 8);
    return { outputs, scale: outputs.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) };
  }

  /** Sums of a few hundred products of float32 in another order: a hundred roundings of 2⁻²⁴ each, of the largest output. */
  function expectSame(theirs: readonly number[] | undefined, { outputs, scale }: { readonly outputs: Float32Array; readonly scale: number }): void {
    expect(theirs).toHaveLength(outputs.length);
    const difference = (theirs ?? []).reduce((largest, value, index) => Math.max(largest, Math.abs(value - (outputs[index] ?? NaN))), 0);
    expect(difference / scale).toBeLessThan(1e-5);
  }

  it.each(['mlp', 'cnn', 'lstm', 'transformer'].flatMap((net) => ['traced', 'exported'].map((exporter) => [net, exporter] as const)))('%s-%s.onnx gives the same outputs in onnxruntime and PyTorch', async (net, exporter) => {
    const path = unlearn(`${net}-${exporter}.onnx`, net, training, recovery);
    const expected = await ours(path, net);
    const [theirs] = read({ kind: 'onnx', path, net, probe: join(folder, `${net}-probe.npy`) }) as [{ readonly onnxruntime: number[]; readonly torch?: number[] }];
    expectSame(theirs.onnxruntime, expected);
    // Exporters change the layout of LSTM weights and of matrices in longer products, and the newer one folds normalisations into convolutions; all else goes back into the network.
    if (net === 'mlp' || (net === 'cnn' && exporter === 'traced')) expect(theirs.torch).toBeDefined();
    if (theirs.torch !== undefined) expectSame(theirs.torch, expected);
  }, 300_000);

  it.each([['mlp-beside.pt', 'mlp'], ['cnn-beside.safetensors', 'cnn']] as const)('%s, trained through the export beside it, goes back into its network', async (name, net) => {
    const path = unlearn(name, net, training, recovery);
    // The released checkpoint needs its graph beside it too.
    cpSync(join(folder, `${net}-beside.onnx`), `${path.slice(0, path.lastIndexOf('.'))}.onnx`);
    const [theirs] = read({ kind: 'net', path, net, probe: join(folder, `${net}-probe.npy`) }) as [{ readonly torch: number[] }];
    expectSame(theirs.torch, await ours(path, net));
  }, 300_000);

  it.each([
    ['zip.pt', 'torch'], ['legacy.pth', 'torch'], ['checkpoint.pth', 'torch'], ['alex.pth', 'torch'], ['single.safetensors', 'safetensors'], ['half.safetensors', 'safetensors'],
    ['gpt2/model.safetensors.index.json', 'transformers'], ['gpt2-bfloat16/model.safetensors.index.json', 'transformers'],
  ] as const)('%s, clipped and noised, is loaded with every tensor as it was written', async (name, kind) => {
    const path = unlearn(name, 'mlp', { name: 'output-perturbation', initialRadius: 1 });
    if (kind === 'transformers') cpSync(join(folder, dirname(name), 'config.json'), join(dirname(path), 'config.json'));
    const [theirs] = read({ kind, path: kind === 'transformers' ? dirname(path) : path }) as [Record<string, string>];
    const { files } = await openCheckpoint(path);
    const released = files.map((file) => readFileSync(join(dirname(path), file.path)));
    const written = files.flatMap((file, index) => {
      const bytes = released[index] ?? Buffer.alloc(0);
      return file.regions.map((region) => [name === 'checkpoint.pth' ? region.name.replace(/^model\./, '') : region.name, createHash('sha256').update(bytes.subarray(region.start, region.end)).digest('hex')] as const);
    });
    expect(written.length).toBeGreaterThan(4);
    for (const [tensor, digest] of written) expect(theirs[tensor], tensor).toBe(digest);
    // They found no tensor that was not written here; transformers ties the output to the embedding, and so shows that one twice.
    expect(Object.keys(theirs).filter((tensor) => !written.some(([own]) => own === tensor) && !(kind === 'transformers' && tensor === 'lm_head.weight'))).toEqual([]);
    const before = await openCheckpoint(join(folder, name));
    const original = before.files.map((file) => readFileSync(join(folder, dirname(name), file.path)));
    expect(before.files.every((file, index) => file.regions.every(({ start, end }) => !original[index]?.subarray(start, end).equals(released[index]?.subarray(start, end) ?? Buffer.alloc(0))))).toBe(true);
  }, 300_000);
});
