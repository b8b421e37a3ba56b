import { basename } from 'node:path';
import { UserError } from '../../error';
import type { ByteRange, Checkpoint, FloatRegion, NamedRange } from '../checkpoint/checkpoint';
import type { Residue, TensorSummary } from '../model';
import { readEntry, type Source, type ZipEntry } from '../zip/archive';
import { knownNames, tensorsIn, type StorageReference, type TensorView } from './state-dict';
import { PickleList, unpickle, type PickleValue } from './unpickle';

const largestPickle = 200_000_000;

/** `torch.save` up to version 1.5 begins with this number, as a pickle of its own. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;

/** Whether bytes begin as a pickle of protocol 2 to 5 does; older ones have no sign of their own. */
export function isPickle(bytes: Uint8Array): boolean {
  const [instruction, protocol = 0] = bytes;
  return instruction === 0x80 && protocol >= 2 && protocol <= 5;
}

/**
 * Reads a checkpoint that `torch.save` wrote as a ZIP archive.
 * @throws UserError pickle-refused, model-damaged
 */
export async function readTorchZip(source: Source, entries: readonly ZipEntry[], pickle: ZipEntry, file: string): Promise<Checkpoint> {
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  const byteOrder = entries.find((entry) => entry.name === `${folder}byteorder`);
  if (byteOrder !== undefined && new TextDecoder().decode(await readEntry(source, byteOrder, 100)) !== 'little') {
    throw new UserError('weights-type', 'the checkpoint was written by a big-endian machine.', { file, remedy: 'Save it again with torch.save on an ordinary machine, or as safetensors.' });
  }
  const bytes = await readEntry(source, pickle, largestPickle);
  const { value } = unpickle(bytes, 0, knownNames, file);
  const places = new Map(entries.flatMap((entry) => (entry.name.startsWith(`${folder}data/`) && entry.method === 'stored' ? [[entry.name.slice(`${folder}data/`.length), entry] as const] : [])));
  const checkpoint = assemble(value, pickle.method === 'stored' ? pickle.start : undefined, source.size, file, (key) => places.get(key));
  // Storages that no tensor uses are left over from something else.
  const [main] = checkpoint.files;
  const used = new Set([...(main?.regions ?? []), ...(main?.opaque ?? []), ...(main?.erased ?? [])].map(({ start }) => start));
  const left = [...places.values()].filter(({ start, end }) => end > start && !used.has(start)).map(({ start, end }) => ({ start, end }));
  const erased = [...(main?.erased ?? []), ...left];
  const checked = entries.filter((entry) => entry === pickle || [...places.values()].includes(entry)).map(({ start, end, checksums }) => ({ start, end, checksums }));
  return withFile(checkpoint, { checked, erased });
}

/**
 * Reads a checkpoint of `torch.save` before version 1.6: pickles one after the other, then the storages.
 * @throws UserError pickle-refused, model-damaged, model-truncated
 */
export async function readTorchLegacy(source: Source, file: string): Promise<Checkpoint> {
  const bytes = await source.read(0, Math.min(source.size, largestPickle));
  const magic = unpickle(bytes, 0, knownNames, file);
  if (magic.value !== legacyMagic) throw new UserError('model-format-unknown', 'the pickle is not one that torch.save wrote.', { file, remedy: 'Save the state dict with torch.save(model.state_dict(), …), or as safetensors.' });
  const version = unpickle(bytes, magic.end, knownNames, file);
  const system = unpickle(bytes, version.end, knownNames, file);
  const root = unpickle(bytes, system.end, knownNames, file);
  const keys = unpickle(bytes, root.end, knownNames, file);
  const references = new Map(tensorsIn(root.value).tensors.map(({ storage }) => [storage.key, storage]));
  const places = new Map<string, ByteRange>();
  let at = keys.end;
  for (const key of keys.value instanceof PickleList ? keys.value.items : []) {
    const reference = typeof key === 'string' ? references.get(key) : undefined;
    const prefix = await source.read(at, at + 8);
    const count = prefix.length < 8 ? -1 : Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigInt64(0, true));
    const end = at + 8 + count * (reference?.elementBytes ?? 1);
    if (reference?.count !== count || end > source.size) throw new UserError('model-truncated', 'a storage of the checkpoint is incomplete.', { file, remedy: 'Copy or download the file again.' });
    places.set(reference.key, { start: at + 8, end });
    at = end;
  }
  if (at !== source.size) throw new UserError('model-damaged', `${source.size - at} bytes at the end of the file belong to no tensor.`, { file, remedy: 'Save the state dict again with torch.save: nothing can be promised about bytes that no tensor holds.' });
  return assemble(root.value, 0, source.size, file, (key) => places.get(key));
}

/** @param pickleStart where the pickle that holds `root` begins in the file; undefined where it is compressed */
function assemble(root: PickleValue, pickleStart: number | undefined, size: number, file: string, placeOf: (key: string) => ByteRange | undefined): Checkpoint {
  const { tensors, loose } = tensorsIn(root);
  const owners = new Map<string, { readonly storage: StorageReference; readonly place: ByteRange; readonly views: TensorView[] }>();
  for (const view of tensors) {
    const { storage } = view;
    const place = placeOf(storage.key);
    if (place === undefined) throw new UserError('weights-missing', `the storage ${storage.key} of the tensor \`${view.name}\` is not in the file.`, { file, remedy: 'Copy or download the checkpoint again.' });
    if (place.end - place.start !== storage.count * storage.elementBytes) throw new UserError('model-damaged', `the storage ${storage.key} of the tensor \`${view.name}\` has the wrong size.`, { file, remedy: 'Copy or download the checkpoint again.' });
    const owner = owners.get(storage.key) ?? { storage, place, views: [] };
    owner.views.push(view);
    owners.set(storage.key, owner);
  }
  if (loose.length > 0 && pickleStart === undefined) throw new UserError('zip-layout-unsupported', 'the archive compresses its pickle, which PyTorch does not.', { file, remedy: 'Save the checkpoint again with torch.save.' });
  const regions: FloatRegion[] = [];
  const opaque: NamedRange[] = [];
  const erased: ByteRange[] = loose.map(({ at, length }) => ({ start: (pickleStart ?? 0) + at, end: (pickleStart ?? 0) + at + length }));
  for (const { storage, place, views } of owners.values()) {
    const kept = views.filter((view) => view.role !== 'optimizer');
    const [first] = kept;
    if (first === undefined) erased.push({ start: place.start, end: place.end });
    else if (storage.floatType === undefined) opaque.push({ name: first.name, start: place.start, end: place.end });
    else {
      // A storage that serves several tensors, whole or in part, is treated once and as a whole.
      const role = kept.some((view) => view.role === 'parameter') ? 'parameter' : 'buffer';
      regions.push({ name: first.name, type: storage.floatType, role, isTensor: kept.length === 1 && fills(first), start: place.start, end: place.end });
    }
  }
  regions.sort((one, other) => one.start - other.start);
  const summaries = tensors.flatMap(({ name, shape, storage, role }): TensorSummary[] => (role === 'optimizer' ? [] : [{ name, shape, dataType: storage.dataType, role, count: shape.reduce((product, dimension) => product * dimension, 1) }]));
  const residues: Residue[] = [
    ...tensors.filter((view) => view.role === 'optimizer').map(({ name }): Residue => ({ name, kind: 'optimizer-state', treatment: 'dropped' })),
    ...loose.map(({ name }): Residue => ({ name, kind: 'metadata', treatment: 'dropped' })),
  ];
  return { format: 'PyTorch', tensors: summaries, residues, files: [{ path: basename(file), size, regions, opaque, erased, checked: [] }] };
}

/** Whether a tensor is all of its storage, in row-major order. */
function fills({ offset, shape, strides, storage }: TensorView): boolean {
  const rowMajor = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, dimension) => product * dimension, 1));
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  return offset === 0 && count === storage.count && strides.every((stride, axis) => stride === rowMajor[axis] || shape[axis] === 1);
}

function withFile(checkpoint: Checkpoint, more: Partial<Checkpoint['files'][number]>): Checkpoint {
  return { ...checkpoint, files: checkpoint.files.map((found) => ({ ...found, ...more })) };
}
