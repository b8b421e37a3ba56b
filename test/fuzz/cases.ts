import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { structurallyMutated } from './structural';

const fixtures = join('test', 'fixtures', 'models');

/** A model of each format and kind that the fixtures hold, and which files beside it belong to it. */
const seeds: readonly { readonly model: string; readonly companions?: RegExp }[] = [
  { model: 'branches.h5' },
  { model: 'layers.h5' },
  { model: 'keras3.keras' },
  { model: 'keras3.h5' },
  { model: 'keras3-apart/keras3.weights.h5', companions: /keras3\.json$/ },
  { model: 'sequences.keras' },
  { model: 'compressed.h5' },
  { model: 'latest.h5' },
  { model: 'deflated.keras' },
  { model: 'torch/traced.onnx' },
  { model: 'torch/traced-9.onnx' },
  { model: 'torch/external.onnx', companions: /external\.onnx\.data$/ },
  { model: 'torch/constants.onnx' },
  { model: 'torch/half.onnx' },
  { model: 'torch/batchnorm-training-12.onnx' },
  { model: 'torch/model.safetensors' },
  { model: 'torch/sharded/model.safetensors.index.json', companions: /\.safetensors$/ },
  { model: 'torch/state.pt' },
  { model: 'torch/legacy.pth' },
  { model: 'lpips/alex.pth' },
  { model: 'torch/checkpoint.pth' },
  { model: 'torch/views.pt' },
  { model: 'torch/protocol-4.pth' },
  { model: 'torch/scripted.pt' },
  { model: 'tfjs/model.json', companions: /\.bin$|shard/ },
];

export const seedCount = seeds.length;

/** One damaged model: the file to open, and all files of its folder. */
export interface Case {
  readonly seed: string;
  readonly model: string;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
}

/** The same damage every time, for the same seed and round: three times in four to the model's main file, else to one beside it. */
export async function caseOf(seed: number, round: number): Promise<Case> {
  const { model, companions } = seeds[seed % seeds.length] ?? { model: '' };
  const path = join(fixtures, model);
  const beside = companions === undefined ? [] : (await readdir(dirname(path))).filter((name) => companions.test(name) && join(dirname(path), name) !== path).sort();
  const names = [model.split('/').at(-1) ?? '', ...beside];
  const random = generator((seed + 1) * 1_000_003 + round * 7919);
  const chosen = random(4) === 0 ? random(names.length) : 0;
  const files = await Promise.all(names.map(async (name, index) => {
    const original = await readFile(join(dirname(path), name));
    return { name, bytes: index === chosen ? damaged(original, random) : original };
  }));
  return { seed: model, model: names[0] ?? '', files };
}

/** Marsaglia's xorshift32, after a few rounds that part neighbouring seeds. */
function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let round = 0; round < 8; round += 1) next();
  return (below) => next() % below;
}

/** Every second time to what the format counts by, else to any of its bytes. */
function damaged(original: Buffer, random: (below: number) => number): Buffer {
  return (random(2) === 0 ? structurallyMutated(original, random) : undefined) ?? mutated(original, random);
}

function mutated(original: Buffer, random: (below: number) => number): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let times = 1 + random(4); times > 0 && bytes.length > 1; times -= 1) {
    const at = random(bytes.length);
    const length = 1 + random(Math.min(64, bytes.length - at));
    switch (random(9)) {
      case 0: bytes[at] = random(256); break;
      case 1: bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8)); break;
      case 2: bytes = bytes.subarray(0, at); break;
      case 3: bytes.fill(random(2) === 0 ? 0 : 255, at, at + length); break;
      case 4: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]); break;
      case 5: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(bytes.length)).subarray(0, length), bytes.subarray(at)]); break;
      // Headers are where the lies that matter are told, and ends: archives keep their directory there.
      case 6: bytes.writeUInt8(random(256), random(Math.min(bytes.length, 256))); break;
      case 7: bytes.writeUInt8(random(256), bytes.length - 1 - random(Math.min(bytes.length, 1024))); break;
      case 8: bytes = withLargeNumber(bytes, random); break;
    }
  }
  return bytes;
}

/** A length, count or offset that is far too large: as decimal digits where there are some, else as eight bytes. */
function withLargeNumber(bytes: Buffer, random: (below: number) => number): Buffer {
  const from = random(bytes.length);
  const digits = /\d+/.exec(bytes.subarray(from, from + 200).toString('latin1'));
  if (digits !== null) {
    const at = from + digits.index;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(String(2 ** random(64))), bytes.subarray(at + digits[0].length)]);
  }
  if (bytes.length < 8) return bytes;
  bytes.writeBigUInt64LE(1n << BigInt(random(64)), random(bytes.length - 7));
  return bytes;
}
