import { utimesSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Checkpoint } from '../../../src/model/checkpoint/checkpoint';
import { openCheckpoint } from '../../../src/model/checkpoint/open-checkpoint';
import { visitCheckpoint } from '../../../src/model/checkpoint/stream';
import { CertifiedRun, publicMechanism } from '../../../src/privacy/certified-run';
import { fileDigest } from '../../../src/run/file-digest';
import { CheckpointStream, type GradientFree, type Perturbation, type Perturbed } from '../../../src/run/perturb-checkpoint';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models', 'torch', 'sharded');
const index = 'model.safetensors.index.json';
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'perturb-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** μ = 2·C0/σ = 20, and δ(400) < Φ(−400/20 + 20/2) = Φ(−10): far below 0.1. */
const run = CertifiedRun.certify<GradientFree>(publicMechanism({ method: 'output-perturbation', initialRadius: 0.01, sigma: 1e-3 }), { epsilon: 400, delta: 0.1 }, 'retrained');

interface Prepared extends Perturbation {
  readonly path: string;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
}

/** Reads and writes as a run does. */
async function perturbCheckpoint({ path, checkpoint, signal, ...perturbation }: Prepared): Promise<Perturbed> {
  const stream = new CheckpointStream(path, checkpoint, signal);
  try {
    stream.measure();
    return await stream.rewrite(perturbation);
  } finally {
    await stream.dispose();
  }
}

/** A copy of the sharded fixture, as a run sees it. */
async function prepared(more: Partial<Prepared> = {}): Promise<Prepared> {
  const [original, folder] = [await mkdtemp(join(scratch, 'original-')), await mkdtemp(join(scratch, 'staging-'))];
  await cp(fixtures, original, { recursive: true });
  const path = join(original, index);
  return { path, checkpoint: await openCheckpoint(path), folder, run, signal: new AbortController().signal, ...more };
}

test('all shards are clipped as one vector, noised, and their originals digested', async () => {
  const perturbation = await prepared();
  const { applied, originals } = await perturbCheckpoint(perturbation);
  expect(applied).toBe(run.applied);
  expect(originals).toEqual(await Promise.all(perturbation.checkpoint.files.map(({ path }) => fileDigest(join(fixtures, path)))));
  const released = join(perturbation.folder, index);
  const [before, after] = [new Map<string, number[]>(), new Map<string, number[]>()];
  for (const [path, found] of [[perturbation.path, before], [released, after]] as const) {
    await visitCheckpoint(path, await openCheckpoint(path), ({ name, role }, values) => role === 'parameter' && found.set(name, [...(found.get(name) ?? []), ...values]));
  }
  const norm = Math.sqrt([...before.values()].flat().reduce((sum, value) => sum + value * value, 0));
  expect(norm).toBeGreaterThan(1);
  const noise = [...after].flatMap(([name, values]) => values.map((value, at) => value - ((before.get(name)?.[at] ?? NaN) * 0.01) / norm));
  const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
  // The standard error of a deviation from n normals is 1/√(2n) of it; six of them are exceeded once in 5e8 runs.
  expect(Math.abs(deviation / 1e-3 - 1)).toBeLessThan(6 / Math.sqrt(2 * noise.length));
});

test('an original that is changed while it is read stops the run', async () => {
  const perturbation = await prepared();
  const touch = (): void => {
    utimesSync(perturbation.path.replace(index, 'model-00001-of-00002.safetensors'), 1, 1);
  };
  await expect(perturbCheckpoint({ ...perturbation, onWritten: touch })).rejects.toMatchObject({ code: 'model-changed' });
});

test('cancelling stops it', async () => {
  const abort = new AbortController();
  const perturbation = await prepared({ signal: abort.signal, onWritten: () => abort.abort() });
  await expect(perturbCheckpoint(perturbation)).rejects.toMatchObject({ name: 'AbortError' });
  const early = await prepared({ signal: AbortSignal.abort() });
  await expect(perturbCheckpoint(early)).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readdir(early.folder)).toEqual([]);
});
