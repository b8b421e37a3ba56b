import { inferShapes } from '../graph/bind';
import type { Graph, Node } from '../graph/graph';
import type { AdaptedState, StateCollector } from '../model/model';
import { trailing, unshaped } from './normalization-statistics';

/**
 * The layers of a graph that compute (x − mean)/max(√variance, 10⁻⁷) with stored numbers, as Keras's Normalization does.
 * A layer that is applied in two places is left out: nothing says which of them its numbers were taken from.
 */
export function findMoments(graph: Graph): readonly AdaptedState[] {
  const producer = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const isOpen = (name: string | undefined): name is string => {
    const tensor = name === undefined ? undefined : graph.tensors.get(name);
    return tensor?.role === 'buffer' && tensor.isFixed !== true;
  };
  const found = graph.nodes.flatMap((node) => {
    const [input = '', subtracted = ''] = node.inputs;
    const mean = unshaped(subtracted, producer);
    if (node.operator !== 'Sub' || !isOpen(mean)) return [];
    const variance = varianceBelow(node, graph.nodes, producer);
    return isOpen(variance) ? [{ mean, variance, input, behind: trailing(subtracted, producer, graph.tensors) }] : [];
  });
  return found.filter(({ mean }) => found.filter((other) => other.mean === mean).length === 1).map(({ mean, variance, input, behind }): AdaptedState => {
    const count = countBeside(mean, graph);
    return { kind: 'moments', stored: [mean, variance, ...(count === undefined ? [] : [count])], input, collect: () => {
      const shape = inferShapes(graph, { batch: 1 }).get(input)?.shape ?? [];
      const inner = shape.slice(shape.length - behind + 1).reduce((product, size) => product * size, 1);
      return new Moments({ mean, variance, count, channels: graph.tensors.get(mean)?.values.length ?? 1, inner });
    } };
  });
}

/** The buffer under the square root that divides the centred value. */
function varianceBelow(centred: Node, nodes: readonly Node[], producer: ReadonlyMap<string, Node>): string | undefined {
  const quotient = nodes.find((node) => node.operator === 'Div' && centred.outputs.includes(node.inputs[0] ?? ''));
  const largest = quotient === undefined ? undefined : producer.get(unshaped(quotient.inputs[1] ?? '', producer));
  const root = largest?.operator === 'Max' ? producer.get(largest.inputs[0] ?? '') : undefined;
  return root?.operator === 'Sqrt' ? root.inputs[0] : undefined;
}

/** The single number that no node reads, in the same group of the file: from how many numbers each mean was taken. */
function countBeside(mean: string, graph: Graph): string | undefined {
  const group = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  return [...graph.tensors.values()].find(({ name, role, values }) => role === 'buffer' && values.length === 1 && !read.has(name) && group(name) === group(mean))?.name;
}

interface Place {
  readonly mean: string;
  readonly variance: string;
  readonly count: string | undefined;
  readonly channels: number;
  /** How many numbers of one channel lie side by side in a record. */
  readonly inner: number;
}

/** Sums in float64 around the first record: squares then lose nothing that a float32 variance could hold, wherever the mean lies. */
class Moments implements StateCollector {
  readonly #place: Place;
  readonly #origin: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #count = 0;

  constructor(place: Place) {
    this.#place = place;
    this.#origin = new Float64Array(place.channels);
    this.#first = new Float64Array(place.channels);
    this.#second = new Float64Array(place.channels);
  }

  add(values: Float32Array): void {
    const { channels, inner } = this.#place;
    if (this.#count === 0) for (let channel = 0; channel < channels; channel += 1) this.#origin[channel] = values[channel * inner] ?? 0;
    values.forEach((value, index) => {
      const channel = Math.floor(index / inner) % channels;
      const distance = value - (this.#origin[channel] ?? 0);
      this.#first[channel] = (this.#first[channel] ?? 0) + distance;
      this.#second[channel] = (this.#second[channel] ?? 0) + distance * distance;
    });
    this.#count += values.length / channels;
  }

  results(): ReadonlyMap<string, Float32Array> {
    const { mean, variance, count } = this.#place;
    const shift = this.#first.map((sum) => sum / this.#count);
    const means = Float32Array.from(shift, (distance, channel) => (this.#origin[channel] ?? 0) + distance);
    const variances = Float32Array.from(this.#second, (sum, channel) => Math.max(0, sum / this.#count - (shift[channel] ?? 0) ** 2));
    return new Map([[mean, means], [variance, variances], ...(count === undefined ? [] : [[count, Float32Array.of(this.#count)] as const])]);
  }
}
