import type { Dataset } from '../data/dataset';
import type { Graph, Node } from '../graph/graph';
import { trailing, unshaped } from './normalization-statistics';

/** Mean and variance of the records themselves, as a Normalization layer of Keras keeps them. */
export interface RecordStatistics {
  /** Names of the two buffers, one number a channel. */
  readonly mean: string;
  readonly variance: string;
  /** The buffer that says how many numbers each was taken from, where there is one. */
  readonly count: string | undefined;
  readonly channels: number;
  /** How many numbers of one channel lie side by side in a record. */
  readonly inner: number;
  /** What is normalised is the record times `scale`, plus `offset`. */
  readonly scale: number;
  readonly offset: number;
}

/**
 * The layers of a graph that compute (x − mean)/max(√variance, 10⁻⁷) of the records as they are given, or of them times a number and plus a number.
 * Their statistics are a function of the records alone: on the retain set they can be computed anew at any time.
 */
export function findRecordStatistics(graph: Graph): readonly RecordStatistics[] {
  const producer = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const isOpen = (name: string | undefined): name is string => {
    const tensor = name === undefined ? undefined : graph.tensors.get(name);
    return tensor?.role === 'buffer' && tensor.isFixed !== true;
  };
  return graph.nodes.flatMap((node): RecordStatistics[] => {
    const [input = '', subtracted = ''] = node.inputs;
    const mean = unshaped(subtracted, producer);
    if (node.operator !== 'Sub' || !isOpen(mean)) return [];
    const variance = varianceBelow(node, graph.nodes, producer);
    const change = changeOfInput(input, graph, producer);
    if (!isOpen(variance) || change === undefined) return [];
    const shape = (graph.inputs[0]?.shape ?? []).map(Number);
    const channelAxis = shape.length - trailing(subtracted, producer, graph.tensors);
    const inner = shape.slice(channelAxis + 1).reduce((product, size) => product * size, 1);
    return [{ mean, variance, count: countBeside(mean, graph), channels: shape[channelAxis] ?? 1, inner, ...change }];
  });
}

/** The buffer under the square root that divides the centred value. */
function varianceBelow(centred: Node, nodes: readonly Node[], producer: ReadonlyMap<string, Node>): string | undefined {
  const quotient = nodes.find((node) => node.operator === 'Div' && centred.outputs.includes(node.inputs[0] ?? ''));
  const largest = quotient === undefined ? undefined : producer.get(unshaped(quotient.inputs[1] ?? '', producer));
  const root = largest?.operator === 'Max' ? producer.get(largest.inputs[0] ?? '') : undefined;
  return root?.operator === 'Sqrt' ? root.inputs[0] : undefined;
}

/** What was done to the records in front of a layer, if it is a product with a number and a sum with one, over and over. */
function changeOfInput(name: string, graph: Graph, producer: ReadonlyMap<string, Node>): { readonly scale: number; readonly offset: number } | undefined {
  if (graph.inputs[0]?.name === name) return { scale: 1, offset: 0 };
  const node = producer.get(name);
  const tensor = graph.tensors.get(node?.inputs[1] ?? '');
  if (node === undefined || tensor?.role !== 'constant' || tensor.values.length !== 1) return undefined;
  const before = changeOfInput(node.inputs[0] ?? '', graph, producer);
  const number = Number(tensor.values[0]);
  if (before === undefined) return undefined;
  if (node.operator === 'Mul') return { scale: before.scale * number, offset: before.offset * number };
  return node.operator === 'Add' ? { ...before, offset: before.offset + number } : undefined;
}

/** The single number that no node reads, in the same group of the file. */
function countBeside(mean: string, graph: Graph): string | undefined {
  const group = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  return [...graph.tensors.values()].find(({ name, role, values }) => role === 'buffer' && values.length === 1 && !read.has(name) && group(name) === group(mean))?.name;
}

const CHUNK = 1024;

/** The statistics of these records: for each buffer, what to put into it. */
export async function statisticsOfRecords(statistics: readonly RecordStatistics[], dataset: Dataset, records: Uint32Array): Promise<ReadonlyMap<string, Float32Array>> {
  const sums = statistics.map((layer) => new Sums(layer));
  for (let start = 0; start < records.length; start += CHUNK) {
    const { features } = await dataset.read(records.slice(start, start + CHUNK));
    for (const sum of sums) sum.add(features);
  }
  return new Map(sums.flatMap((sum) => sum.results()));
}

/** Sums in float64 around the first record: squares then lose nothing that a float32 variance could hold, wherever the mean lies. */
class Sums {
  readonly #layer: RecordStatistics;
  readonly #origin: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #count = 0;

  constructor(layer: RecordStatistics) {
    this.#layer = layer;
    this.#origin = new Float64Array(layer.channels);
    this.#first = new Float64Array(layer.channels);
    this.#second = new Float64Array(layer.channels);
  }

  add(features: Float32Array): void {
    const { channels, inner } = this.#layer;
    if (this.#count === 0) for (let channel = 0; channel < channels; channel += 1) this.#origin[channel] = features[channel * inner] ?? 0;
    features.forEach((value, index) => {
      const channel = Math.floor(index / inner) % channels;
      const distance = value - (this.#origin[channel] ?? 0);
      this.#first[channel] = (this.#first[channel] ?? 0) + distance;
      this.#second[channel] = (this.#second[channel] ?? 0) + distance * distance;
    });
    this.#count += features.length / channels;
  }

  results(): readonly (readonly [string, Float32Array])[] {
    const { mean, variance, count, scale, offset } = this.#layer;
    const shift = this.#first.map((sum) => sum / this.#count);
    const means = Float32Array.from(shift, (distance, channel) => scale * ((this.#origin[channel] ?? 0) + distance) + offset);
    const variances = Float32Array.from(this.#second, (sum, channel) => scale * scale * Math.max(0, sum / this.#count - (shift[channel] ?? 0) ** 2));
    return [[mean, means], [variance, variances], ...(count === undefined ? [] : [[count, Float32Array.of(this.#count)] as const])];
  }
}
