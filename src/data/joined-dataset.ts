import type { Batch, Dataset, Labels } from './dataset';

function joined<T extends Labels>(first: T, second: T): T {
  const both = first instanceof Int32Array ? new Int32Array(first.length + second.length) : new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both as T;
}

/**
 * Records of one dataset and behind them those of another, as one: to compare them.
 * @throws RangeError where their records are of different kinds or sizes.
 */
export function joinDatasets(first: Dataset, second: Dataset): Dataset {
  const width = (dataset: Dataset): number => dataset.featureShape.reduce((product, size) => product * size, 1);
  if (first.labelKind !== second.labelKind || width(first) !== width(second)) throw new RangeError('records of different kinds');
  return {
    count: first.count + second.count,
    featureShape: first.featureShape,
    labelKind: first.labelKind,
    async read(records: Uint32Array): Promise<Batch> {
      const isSecond = (record: number): boolean => record >= first.count;
      const [one, two] = [await first.read(records.filter((record) => !isSecond(record))), await second.read(records.filter(isSecond).map((record) => record - first.count))];
      const features = new Float32Array(records.length * width(first));
      const labels = joined(one.labels, two.labels);
      const next = { one: 0, two: 0 };
      const at = width(first);
      const order = new Uint32Array(records.length);
      records.forEach((record, position) => {
        const source = isSecond(record) ? two.features.subarray(next.two * at, (next.two + 1) * at) : one.features.subarray(next.one * at, (next.one + 1) * at);
        features.set(source, position * at);
        order[position] = isSecond(record) ? one.size + next.two++ : next.one++;
      });
      return { size: records.length, features, labels: labels.map((_, position) => labels[order[position] ?? 0] ?? 0) };
    },
    async digests(): Promise<Uint8Array> {
      return new Uint8Array(Buffer.concat([await first.digests(), await second.digests()]));
    },
  };
}
