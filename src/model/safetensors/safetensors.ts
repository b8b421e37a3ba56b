import { basename } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../error';
import { roleByName, type Checkpoint, type CheckpointFile, type FloatRegion, type NamedRange } from '../checkpoint/checkpoint';
import { bytesOf, type FloatType } from '../floats';
import type { TensorSummary } from '../model';
import type { Source } from '../zip/archive';

const floatTypes: Readonly<Record<string, FloatType>> = { F16: 'float16', BF16: 'bfloat16', F32: 'float32', F64: 'float64' };
const otherTypes: Readonly<Record<string, { readonly name: string; readonly bits: number }>> = {
  BOOL: { name: 'bool', bits: 8 }, U8: { name: 'uint8', bits: 8 }, I8: { name: 'int8', bits: 8 }, F8_E4M3: { name: 'float8_e4m3', bits: 8 }, F8_E5M2: { name: 'float8_e5m2', bits: 8 },
  I16: { name: 'int16', bits: 16 }, U16: { name: 'uint16', bits: 16 }, I32: { name: 'int32', bits: 32 }, U32: { name: 'uint32', bits: 32 }, I64: { name: 'int64', bits: 64 }, U64: { name: 'uint64', bits: 64 },
};

const whole = z.number().int().nonnegative();
const header = z.record(z.string(), z.union([
  z.object({ dtype: z.string(), shape: z.array(whole), data_offsets: z.tuple([whole, whole]) }).strict(),
  z.record(z.string(), z.string()),
]));
const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The reference implementation reads no header beyond this. */
const largestHeader = 100_000_000;

/**
 * Reads the header of one safetensors file: an 8-byte length, JSON, then the tensors one after the other without gaps.
 * @throws UserError model-damaged, model-truncated, weights-type
 */
export async function readSafetensors(source: Source, file: string): Promise<{ readonly file: CheckpointFile; readonly tensors: readonly TensorSummary[] }> {
  const damaged = (why: string): UserError => new UserError('model-damaged', `the safetensors file is damaged: ${why}.`, { file, remedy: 'Copy or download it again.' });
  if (source.size < 8) throw damaged('it is too short');
  const prefix = await source.read(0, 8);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (length > largestHeader || 8 + length > source.size) throw damaged('its header is longer than the file');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await source.read(8, 8 + length)));
  } catch {
    throw damaged('its header is not JSON');
  }
  const parsed = header.safeParse(json);
  if (!parsed.success) throw damaged(`its header is not that of a safetensors file, at ${parsed.error.issues[0]?.path.join('.') ?? ''}`);

  const tensors: TensorSummary[] = [];
  const regions: FloatRegion[] = [];
  const opaque: NamedRange[] = [];
  const extents: { readonly name: string; readonly start: number; readonly end: number }[] = [];
  for (const [name, entry] of Object.entries(parsed.data)) {
    if (name === '__metadata__' || !('data_offsets' in entry) || typeof entry.data_offsets === 'string' || typeof entry.dtype !== 'string' || !Array.isArray(entry.shape)) continue;
    const type = floatTypes[entry.dtype];
    const bits = type === undefined ? otherTypes[entry.dtype]?.bits : 8 * bytesOf[type];
    if (bits === undefined) throw new UserError('weights-type', `the tensor \`${name}\` is of the unknown type ${entry.dtype}.`, { file, remedy: 'Save the tensor as F32, F16, BF16 or F64.' });
    const [start, end] = entry.data_offsets;
    const count = entry.shape.reduce((size: number, dimension) => size * dimension, 1);
    if (end - start !== (count * bits) / 8) throw damaged(`the tensor \`${name}\` has ${end - start} bytes instead of ${(count * bits) / 8}`);
    const role = roleByName(name, type);
    tensors.push({ name, shape: entry.shape, dataType: type ?? otherTypes[entry.dtype]?.name ?? entry.dtype, role, count });
    extents.push({ name, start: 8 + length + start, end: 8 + length + end });
    if (type === undefined) opaque.push({ name, start: 8 + length + start, end: 8 + length + end });
    else regions.push({ name, type, role, isTensor: true, start: 8 + length + start, end: 8 + length + end });
  }
  // Without gaps, a name that stands in the header twice cannot hide what its first tensor held.
  let at = 8 + length;
  for (const { name, start, end } of extents.sort((one, other) => one.start - other.start || one.end - other.end)) {
    if (start !== at) throw damaged(`there is ${start > at ? 'a gap' : 'an overlap'} before the tensor \`${name}\``);
    at = end;
  }
  if (at > source.size) throw new UserError('model-truncated', 'the safetensors file ends before its last tensor does.', { file, remedy: 'Copy or download it again.' });
  if (at < source.size) throw damaged(`${source.size - at} bytes belong to no tensor`);
  regions.sort((one, other) => one.start - other.start);
  return { file: { path: basename(file), size: source.size, regions, opaque, erased: [], checked: [] }, tensors };
}

/** The files that the index of a sharded checkpoint names, each once. */
export function shardsIn(json: unknown): readonly string[] | undefined {
  const parsed = shardIndex.safeParse(json);
  return parsed.success ? [...new Set(Object.values(parsed.data.weight_map))] : undefined;
}

export function checkpointOf(parts: readonly { readonly file: CheckpointFile; readonly tensors: readonly TensorSummary[] }[]): Checkpoint {
  return { format: 'safetensors', files: parts.map(({ file }) => file), tensors: parts.flatMap(({ tensors }) => tensors), residues: [] };
}
