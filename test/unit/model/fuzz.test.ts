import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError } from '../../../src/error';
import { inspectModel } from '../../../src/model/inspect-model';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
const seeds = [
  'branches.h5', 'layers.h5', 'keras3.keras', 'keras3.h5', 'keras3-apart/keras3.weights.h5',
  'sequences.keras', 'torch/traced.onnx', 'torch/traced-9.onnx', 'torch/external.onnx', 'torch/constants.onnx', 'torch/half.onnx',
  'torch/model.safetensors', 'torch/sharded/model.safetensors.index.json', 'torch/state.pt', 'torch/legacy.pth', 'torch/checkpoint.pth', 'torch/views.pt',
  'tfjs/model.json',
];
/** Ten thousand take minutes: FUZZ_FILES=10000. */
const count = Number(process.env['FUZZ_FILES'] ?? 300);

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuzz-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** Marsaglia's xorshift32: the same mutations every time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutated(original: Buffer, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(original);
  for (let times = 1 + random(4); times > 0 && bytes.length > 1; times -= 1) {
    const at = random(bytes.length);
    const length = 1 + random(Math.min(64, bytes.length - at));
    switch (random(7)) {
      case 0: bytes[at] = random(256); break;
      case 1: bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8)); break;
      case 2: bytes = bytes.subarray(0, at); break;
      case 3: bytes.fill(random(2) === 0 ? 0 : 255, at, at + length); break;
      case 4: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]); break;
      case 5: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(bytes.length)).subarray(0, length), bytes.subarray(at)]); break;
      // Headers are where the lies that matter are told.
      case 6: bytes.writeUInt8(random(256), random(Math.min(bytes.length, 256))); break;
    }
  }
  return bytes;
}

test(`${count} damaged files of all formats each give a typed error or a model, in time and without a crash`, { timeout: 30 * 60_000 }, async () => {
  const outcomes = new Map<string, number>();
  let slowest = 0;
  for (const [index, seed] of seeds.entries()) {
    const folder = await mkdtemp(join(scratch, 'case-'));
    const source = join(fixtures, seed);
    const companions = (await readdir(dirname(source), { withFileTypes: true })).filter((entry) => entry.isFile() && /external|shard|model-0|keras3\.json/.test(entry.name));
    for (const { name } of companions) await cp(join(dirname(source), name), join(folder, name));
    const path = join(folder, seed.split('/').at(-1) ?? '');
    const original = await readFile(source);
    const random = generator(index + 1);
    for (let round = 0; round < Math.ceil(count / seeds.length); round += 1) {
      await writeFile(path, mutated(original, random));
      const started = performance.now();
      try {
        await inspectModel(path);
        outcomes.set('model', (outcomes.get('model') ?? 0) + 1);
      } catch (error) {
        if (!(error instanceof UserError)) {
          throw new Error(`${seed}, round ${round}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`, { cause: error });
        }
        outcomes.set(error.code, (outcomes.get(error.code) ?? 0) + 1);
      }
      slowest = Math.max(slowest, performance.now() - started);
    }
  }
  // A hang is what this guards against; an ordinary file takes milliseconds.
  expect(slowest).toBeLessThan(5000);
  expect(outcomes.get('model')).toBeGreaterThan(0);
  if (process.env['FUZZ_FILES'] !== undefined) console.log(outcomes, `slowest ${slowest.toFixed(0)} ms, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB at most`);
});
