import { roleByName } from '../checkpoint/checkpoint';
import type { FloatType } from '../floats';
import type { Role } from '../../graph/graph';
import { dictOf, PickleBytes, PickleDict, PickleFloat, PickleGlobal, PickleList, PickleObject, PicklePersistent, PickleTuple, type PickleValue } from './unpickle';

/** Bits and float type of each storage class. */
const storages: Readonly<Record<string, { readonly dataType: string; readonly bytes: number; readonly floatType?: FloatType }>> = {
  FloatStorage: { dataType: 'float32', bytes: 4, floatType: 'float32' },
  DoubleStorage: { dataType: 'float64', bytes: 8, floatType: 'float64' },
  HalfStorage: { dataType: 'float16', bytes: 2, floatType: 'float16' },
  BFloat16Storage: { dataType: 'bfloat16', bytes: 2, floatType: 'bfloat16' },
  LongStorage: { dataType: 'int64', bytes: 8 },
  IntStorage: { dataType: 'int32', bytes: 4 },
  ShortStorage: { dataType: 'int16', bytes: 2 },
  CharStorage: { dataType: 'int8', bytes: 1 },
  ByteStorage: { dataType: 'uint8', bytes: 1 },
  BoolStorage: { dataType: 'bool', bytes: 1 },
};

/** All that a checkpoint of tensors may name. `_rebuild_tensor_v2(storage, offset, size, stride, …)` makes a view of a storage. */
export const knownNames: ReadonlySet<string> = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
  'builtins.set',
  '__builtin__.set',
  'torch.Size',
  'torch.device',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  ...Object.entries(storages).flatMap(([name, { dataType }]) => [`torch.${name}`, `torch.${dataType}`]),
]);

export interface StorageReference {
  readonly key: string;
  readonly dataType: string;
  readonly elementBytes: number;
  readonly floatType: FloatType | undefined;
  /** Elements. */
  readonly count: number;
}

export interface TensorView {
  /** Keys from the root, joined by dots: `state_dict.conv1.weight`. */
  readonly name: string;
  readonly storage: StorageReference;
  /** In elements. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly role: Role | 'optimizer';
}

/** What the pickle itself holds and training may have put there: a learning rate, a best accuracy, a run of bytes. */
export interface LooseValue {
  readonly name: string;
  readonly at: number;
  readonly length: number;
}

/**
 * The tensors in a checkpoint, however deeply nested, and the numbers and bytes that stand beside them.
 * @throws RangeError where a tensor does not lie within its storage
 */
export function tensorsIn(root: PickleValue): { readonly tensors: readonly TensorView[]; readonly loose: readonly LooseValue[] } {
  const tensors: TensorView[] = [];
  const loose: LooseValue[] = [];
  const visit = (value: PickleValue, path: readonly string[], ancestors: readonly PickleValue[]): void => {
    if (ancestors.includes(value) && typeof value === 'object') throw new RangeError('the checkpoint contains itself');
    const inside = (next: PickleValue, key: string): void => visit(next, [...path, key], [...ancestors, value]);
    if (value instanceof PickleFloat) loose.push({ name: path.join('.'), at: value.at, length: 8 });
    else if (value instanceof PickleBytes) loose.push({ name: path.join('.'), at: value.at, length: value.length });
    else if (value instanceof PickleList || value instanceof PickleTuple) value.items.forEach((item, index) => inside(item, String(index)));
    else if (value instanceof PickleDict) for (const [key, item] of value.entries) inside(item, keyText(key));
    else if (value instanceof PickleObject) {
      if (value.maker === 'torch._utils._rebuild_parameter') inside(value.arguments[0] ?? null, '');
      else if (value.maker.startsWith('torch._utils._rebuild_tensor')) tensors.push(viewOf(value, path.filter((key) => key !== '').join('.') || 'tensor'));
      else {
        for (const [key, item] of [...pairsIn(value), ...dictOf(value).entries]) inside(item, keyText(key));
        inside(value.state, '');
      }
    } else if (value instanceof PicklePersistent) throw new RangeError('a storage stands where a tensor should');
  };
  visit(root, [], []);
  return { tensors, loose };
}

/** Python 2 hands a dictionary its entries when it makes it: `OrderedDict([[key, item], …])`. */
function pairsIn({ arguments: given }: PickleObject): readonly (readonly [PickleValue, PickleValue])[] {
  return given.flatMap((argument, at) => {
    if (!(argument instanceof PickleList)) return [[String(at), argument] as const];
    return argument.items.map((item, index) => {
      const pair = item instanceof PickleList || item instanceof PickleTuple ? item.items : [];
      return pair.length === 2 ? [pair[0] ?? null, pair[1] ?? null] as const : [String(index), item] as const;
    });
  });
}

function keyText(key: PickleValue): string {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint' ? String(key) : '?';
}

function viewOf(tensor: PickleObject, name: string): TensorView {
  const [persistent, offset, shape, strides] = tensor.arguments;
  const storage = storageOf(persistent);
  const view = { name, storage, offset: whole(offset), shape: wholes(shape), strides: wholes(strides), role: roleOf(name, storage.floatType) };
  if (view.shape.length !== view.strides.length) throw new RangeError(`${name} has ${view.shape.length} axes and ${view.strides.length} strides`);
  const last = view.shape.includes(0) ? 0 : view.shape.reduce((index, size, axis) => index + (size - 1) * (view.strides[axis] ?? 0), view.offset);
  if (last >= storage.count && !view.shape.includes(0)) throw new RangeError(`${name} reaches beyond its storage`);
  return view;
}

/** What an optimiser remembers of the gradients goes by the name under which everyone saves it. */
function roleOf(name: string, type: FloatType | undefined): Role | 'optimizer' {
  return /^(optim|optimizer|optimizers|optimizer_states?|optimizer_state_dict|opt_state)\./.test(name) ? 'optimizer' : roleByName(name, type);
}

/** ("storage", class, key, device, element count, …) */
function storageOf(value: PickleValue | undefined): StorageReference {
  const parts = value instanceof PicklePersistent && value.id instanceof PickleTuple ? value.id.items : [];
  const [kind, type, key, , count] = parts;
  const known = type instanceof PickleGlobal ? storages[type.name.replace('torch.', '')] : undefined;
  if (kind !== 'storage' || known === undefined || typeof key !== 'string') throw new RangeError('a tensor without a storage');
  return { key, dataType: known.dataType, elementBytes: known.bytes, floatType: known.floatType, count: whole(count) };
}

function wholes(value: PickleValue | undefined): readonly number[] {
  if (value instanceof PickleTuple || value instanceof PickleList) return value.items.map(whole);
  // torch.Size((…))
  if (value instanceof PickleObject) return wholes(value.arguments[0]);
  throw new RangeError('a shape that is no tuple');
}

function whole(value: PickleValue | undefined): number {
  const number = Number(typeof value === 'bigint' || typeof value === 'number' ? value : NaN);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError('a size that is no whole number');
  return number;
}
