import type { Dataset } from '../data/dataset';
import { stopIfCancelled } from '../engine/cancelled';
import type { Engine } from '../engine/engine';
import { inferShapes } from '../graph/bind';
import type { Graph } from '../graph/graph';
import { upTo, withValues } from '../graph/with-values';
import type { NormalizationStatistics } from './normalization-statistics';

/** Statistics of a fresh network: they never saw any data. */
export function neutralStatistics(graph: Graph, statistics: readonly NormalizationStatistics[]): Graph {
  const filled = (name: string, value: number): [string, Float32Array] => [name, new Float32Array(graph.tensors.get(name)?.values.length ?? 0).fill(value)];
  return withValues(graph, new Map(statistics.flatMap(({ mean, variance }) => [filled(mean, 0), filled(variance, 1)])));
}

/** More records than this change a mean or a variance only in the third digit. */
const MOST_RECORDS = 10_000;
const CHUNK = 256;

/**
 * Mean and variance of what each batch normalisation sees on the given records, layer after layer, since each changes what the next one sees.
 * Reads nothing but these records and the graph's own values: on the retain set it is post-processing.
 */
export async function recomputeStatistics(engine: Engine, graph: Graph, statistics: readonly NormalizationStatistics[], dataset: Dataset, records: Uint32Array, signal?: AbortSignal, mostRecords = MOST_RECORDS): Promise<Graph> {
  const sample = spread(records, mostRecords);
  let current = graph;
  for (const layer of statistics) {
    current = withValues(current, await momentsOf(engine, current, layer, dataset, sample, signal));
  }
  return current;
}

/** At most so many of the records, evenly spread: data often lie sorted by class. */
function spread(records: Uint32Array, most: number): Uint32Array {
  if (records.length <= most) return records;
  return Uint32Array.from({ length: most }, (_, index) => records[Math.floor((index * records.length) / most)] ?? 0);
}

async function momentsOf(engine: Engine, graph: Graph, layer: NormalizationStatistics, dataset: Dataset, records: Uint32Array, signal: AbortSignal | undefined): Promise<Map<string, Float32Array>> {
  const part = upTo(graph, layer.input);
  const shape = inferShapes(part, { batch: CHUNK }).get(layer.input)?.shape ?? [];
  const channels = shape[layer.channelAxis] ?? 1;
  const inner = shape.slice(layer.channelAxis + 1).reduce((product, size) => product * size, 1);
  const trainable = [...part.tensors.values()].filter(({ role }) => role === 'parameter').map(({ name }) => name);
  const sums = { first: new Float64Array(channels), second: new Float64Array(channels) };
  let count = 0;
  const add = (values: Float32Array): void => {
    values.forEach((value, index) => {
      const channel = Math.floor(index / inner) % channels;
      // Sums of squares in float64 lose nothing that a float32 variance could hold.
      sums.first[channel] = (sums.first[channel] ?? 0) + value;
      sums.second[channel] = (sums.second[channel] ?? 0) + value * value;
    });
    count += values.length / channels;
  };
  const session = await engine.prepare({ graph: part, loss: 'mean-squared-error', trainable, batchSize: CHUNK });
  try {
    for (let start = 0; start < records.length; start += CHUNK) {
      stopIfCancelled(signal);
      const batch = await dataset.read(records.slice(start, start + CHUNK));
      add(await session.predict(batch.features, batch.size));
    }
  } finally {
    await session.dispose();
  }
  const mean = Float32Array.from(sums.first, (sum) => sum / count);
  const variance = Float32Array.from(sums.second, (sum, channel) => Math.max(0, sum / count - ((sums.first[channel] ?? 0) / count) ** 2));
  return new Map([[layer.mean, mean], [layer.variance, variance]]);
}
