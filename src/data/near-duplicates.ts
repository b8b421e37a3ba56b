import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { complement } from './duplicates';
import type { Dataset } from './dataset';
import { averageHash, hammingDistance } from './perceptual-hash';
import { splitWords } from './vocabulary';

/** A kept record that resembles a forgotten one. */
export interface NearDuplicate {
  readonly record: number;
  /** The first forgotten record that it resembles. */
  readonly of: number;
}

/** What counts as resembling. Each is a judgement, so it is the user's to make. */
export type Resemblance =
  /** No scaled feature differs by more than `tolerance`; labels may differ. */
  | { readonly kind: 'numeric'; readonly tolerance: number }
  /** The perceptual hashes of the images (64 bits) differ in at most `bits`. */
  | { readonly kind: 'image'; readonly bits: number }
  /** The texts have the same words, whatever their case, punctuation and spacing. */
  | { readonly kind: 'text'; readonly texts: readonly (string | null)[] };

const blockSize = 4096;

/** Calls `use` with each record and its scaled features. */
async function forEachRecord(dataset: Dataset, records: Uint32Array, use: (record: number, features: Float32Array) => void): Promise<void> {
  for (let start = 0; start < records.length; start += blockSize) {
    const block = records.subarray(start, start + blockSize);
    const { features } = await dataset.read(block);
    const width = features.length / block.length;
    block.forEach((record, index) => use(record, features.subarray(index * width, (index + 1) * width)));
    await yieldToOthers();
  }
}

function within(a: Float32Array, b: Float32Array, tolerance: number): boolean {
  for (let index = 0; index < a.length; index++) if (Math.abs((a[index] ?? 0) - (b[index] ?? 0)) > tolerance) return false;
  return true;
}

function sumOf(features: Float32Array): number {
  return features.reduce((sum, value) => sum + value, 0);
}

/** The first place in sorted numbers that is not below `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Records whose features all differ by at most the tolerance have sums that differ by at most that, times the number of features. */
async function nearNumbers(dataset: Dataset, forget: Uint32Array, retain: Uint32Array, tolerance: number): Promise<NearDuplicate[]> {
  const forgotten: { readonly record: number; readonly rank: number; readonly features: Float32Array; readonly sum: number }[] = [];
  await forEachRecord(dataset, forget, (record, features) => forgotten.push({ record, rank: forgotten.length, features: features.slice(), sum: sumOf(features) }));
  forgotten.sort((a, b) => a.sum - b.sum);
  const sums = Float64Array.from(forgotten, ({ sum }) => sum);
  const found: NearDuplicate[] = [];
  await forEachRecord(dataset, retain, (record, features) => {
    const sum = sumOf(features);
    const reach = tolerance * features.length + 1e-9 * Math.abs(sum); // and what rounding does to a sum
    let first: (typeof forgotten)[number] | undefined;
    for (let index = lowerBound(sums, sum - reach); index < forgotten.length; index++) {
      const candidate = forgotten[index];
      if (candidate === undefined || candidate.sum > sum + reach) break;
      if ((first === undefined || candidate.rank < first.rank) && within(candidate.features, features, tolerance)) first = candidate;
    }
    if (first !== undefined) found.push({ record, of: first.record });
  });
  return found;
}

async function nearImages(dataset: Dataset, forget: Uint32Array, retain: Uint32Array, bits: number): Promise<NearDuplicate[]> {
  const forgotten: { readonly record: number; readonly hash: Uint32Array }[] = [];
  await forEachRecord(dataset, forget, (record, pixels) => forgotten.push({ record, hash: averageHash(pixels, dataset.featureShape) }));
  const found: NearDuplicate[] = [];
  await forEachRecord(dataset, retain, (record, pixels) => {
    const hash = averageHash(pixels, dataset.featureShape);
    const match = forgotten.find((candidate) => hammingDistance(candidate.hash, hash) <= bits);
    if (match !== undefined) found.push({ record, of: match.record });
  });
  return found;
}

function nearTexts(texts: readonly (string | null)[], forget: Uint32Array, retain: Uint32Array): NearDuplicate[] {
  const key = (record: number): string => splitWords(texts[record] ?? '').join(' ');
  const forgotten = new Map<string, number>();
  for (const record of forget) if (!forgotten.has(key(record))) forgotten.set(key(record), record);
  forgotten.delete('');
  return Array.from(retain).flatMap((record) => {
    const of = forgotten.get(key(record));
    return of === undefined ? [] : [{ record, of }];
  });
}

/**
 * Kept records that resemble a forgotten one, sorted; exact duplicates are among them.
 * @param forget Records to forget, in any order: of those that a record resembles, the first counts.
 */
export async function findNearDuplicates(dataset: Dataset, forget: Uint32Array, resemblance: Resemblance): Promise<NearDuplicate[]> {
  const retain = complement(dataset.count, forget);
  switch (resemblance.kind) {
    case 'numeric': return nearNumbers(dataset, forget, retain, resemblance.tolerance);
    case 'image': return nearImages(dataset, forget, retain, resemblance.bits);
    case 'text': return nearTexts(resemblance.texts, forget, retain);
  }
}
