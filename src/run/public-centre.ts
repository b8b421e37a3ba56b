import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { usualStart } from '../engine/usual-start';
import { UserError } from '../error';
import type { NamedTensor } from '../graph/graph';
import type { Model } from '../model/model';
import { openModel } from '../model/open-model';
import type { LoadedRequest } from '../request/load-request';
import { fileDigest } from './file-digest';
import type { NormalizationStatistics } from './normalization-statistics';

/** The point that parameters are clipped towards, where it is not the origin: a function of public things alone. */
export interface PublicCentre {
  /** One number for each trained one, in the order of the flat vector. */
  readonly values: Float32Array;
  /** The public base by its digest, or the usual initial values of the architecture. */
  readonly source: { readonly sha256: string } | 'initial';
}

/** What of a model is trained, and around which centre. */
export interface Trained {
  readonly trainable: readonly NamedTensor[];
  /** Parameters and running statistics that are bit-identical to the public base. */
  readonly frozen: readonly NamedTensor[];
  /** Running statistics that are not. */
  readonly statistics: readonly NormalizationStatistics[];
  readonly centre: PublicCentre | undefined;
}

/**
 * Parameters against the request's public base model. Those that are bit-identical to it were not trained and are left alone, as are its running statistics; the others are clipped around its values.
 * Without a base the centre is the origin, or the usual initial values where some are not 0 (the gains of normalisations).
 * Throws `UserError` `base-differs` where the base has another architecture, `nothing-to-train` where nothing differs from it.
 */
export async function aroundPublicBase(model: Model, parameters: readonly NamedTensor[], statistics: readonly NormalizationStatistics[], { request, folder }: LoadedRequest): Promise<Trained> {
  if (request.base === undefined) return { trainable: parameters, frozen: [], statistics, centre: initialCentre(model, parameters) };
  const path = resolve(folder, request.base);
  const base = await openModel(path);
  const place = { field: 'base' };
  const pairs = parameters.map((tensor) => {
    const other = base.graph.tensors.get(tensor.name);
    if (other?.shape.join() !== tensor.shape.join() || !(other.values instanceof Float32Array)) {
      throw new UserError('base-differs', `the base has no tensor ${tensor.name} of the shape [${tensor.shape.join(', ')}]`, { ...place, remedy: 'Name the model that training started from, in the same format.' });
    }
    return { tensor, base: other.values };
  });
  const trained = pairs.filter(({ tensor, base: values }) => !identical(tensor, values));
  if (trained.length === 0) throw new UserError('nothing-to-train', 'every parameter is bit-identical to the base, so nothing was learned from the data', { ...place, remedy: 'Name the model that was trained on the data in "model", and the one that training started from in "base".' });
  const isPublic = (name: string): boolean => {
    const [tensor, other] = [model.graph.tensors.get(name), base.graph.tensors.get(name)?.values];
    return tensor !== undefined && other instanceof Float32Array && identical(tensor, other);
  };
  const kept = statistics.filter(({ mean, variance }) => isPublic(mean) && isPublic(variance));
  const values = inARow(trained.map(({ base: own }) => ({ count: own.length, value: own })));
  return {
    trainable: trained.map(({ tensor }) => tensor),
    frozen: [
      ...pairs.filter(({ tensor, base: own }) => identical(tensor, own)).map(({ tensor }) => tensor),
      ...kept.flatMap(({ mean, variance }) => [mean, variance]).flatMap((name) => model.graph.tensors.get(name) ?? []),
    ],
    statistics: statistics.filter((each) => !kept.includes(each)),
    centre: { values, source: { sha256: await digestOf(base, path) } },
  };
}

function identical({ values }: NamedTensor, base: Float32Array): boolean {
  const bytes = (array: NamedTensor['values']): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return bytes(values).equals(bytes(base));
}

function initialCentre({ graph }: Model, parameters: readonly NamedTensor[]): PublicCentre | undefined {
  const starts = parameters.map(({ name, values }) => ({ count: values.length, value: usualStart(graph, name).value }));
  if (starts.every(({ value }) => value === 0)) return undefined;
  return { values: inARow(starts), source: 'initial' };
}

/** Parts of so many numbers, all the same or given, as one vector. */
function inARow(parts: readonly { readonly count: number; readonly value: number | Float32Array }[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { count }) => sum + count, 0));
  let offset = 0;
  for (const { count, value } of parts) {
    if (typeof value === 'number') whole.fill(value, offset, offset + count);
    else whole.set(value, offset);
    offset += count;
  }
  return whole;
}

/** SHA-256 of the model's file; of several, that of the list which `sha256sum` prints for them. */
async function digestOf(model: Model, path: string): Promise<string> {
  const files = await model.write(new Map());
  const names = files.map((file, index) => (index === 0 ? basename(path) : file.path));
  const digests = await Promise.all(names.map(async (name) => ({ name, sha256: await fileDigest(join(dirname(path), name)) })));
  const [only] = digests;
  if (digests.length === 1 && only !== undefined) return only.sha256;
  return createHash('sha256').update(digests.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')).digest('hex');
}
