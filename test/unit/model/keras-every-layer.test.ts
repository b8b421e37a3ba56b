import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { inferShapes } from '../../../src/graph/bind';
import { GraphBuilder } from '../../../src/graph/builder';
import type { Graph } from '../../../src/graph/graph';
import { buildGraph } from '../../../src/model/keras/build-graph';
import { variablesByLayer } from '../../../src/model/keras/read-variables';
import { weightsByLayer, type StoredWeight } from '../../../src/model/keras/read-weights';
import { Findings } from '../../../src/model/keras/findings';
import { readTopology } from '../../../src/model/keras/topology';
import keras2 from '../../fixtures/models/keras2-layers.json';
import keras3 from '../../fixtures/models/keras3-layers.json';
import { largestDifference, runGraph } from './run-graph';

interface Case {
  readonly topology: unknown;
  readonly weights: readonly { readonly path?: string; readonly layer?: string; readonly weight?: string; readonly shape: readonly number[]; readonly values: readonly number[] }[];
  readonly input: readonly number[];
  readonly count: number;
  readonly output: readonly number[];
}

/** The graph of a model whose weights are listed as the file of that version of Keras has them. */
function graphOf({ topology: json, weights }: Case, version: number, findings = new Findings()): Graph {
  const topology = readTopology(json, 'fixture');
  const stored = weights.map(({ path, layer = '', weight = '', shape, values }): StoredWeight => {
    const place = path ?? `${layer}/${weight}`;
    return { name: place, path: place, layer, weight, shape, values: Float32Array.from(values) };
  });
  return buildGraph(topology, version === 3 ? variablesByLayer(stored, topology) : weightsByLayer(stored, 2), 'fixture', findings);
}

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await openOnnxRuntime({ threads: 1 }), await openTensorFlow({ backend: 'wasm' })];
});

/** The graph with its output as one vector for each record. */
function flattened(graph: Graph): Graph {
  const build = new GraphBuilder(graph);
  build.output(build.node('Flatten', [graph.outputs[0] ?? ''], { axis: 1 }));
  return build.build();
}

describe.each([[2, keras2], [3, keras3]] as const)('Keras %i', (version, cases) => {
  test.each(Object.entries<Case>(cases))('%s: gives the outputs that Keras gives, from every weight of the file', async (_, model) => {
    const findings = new Findings();
    const graph = graphOf(model, version, findings);
    // Some weights repeat others, and some only training reads.
    const read = [...[...graph.tensors.values()].filter(({ role }) => role !== 'constant').map(({ name }) => name), ...findings.copies.keys(), ...findings.resets.keys()];
    expect(read.sort()).toEqual(model.weights.map(({ path, layer, weight }) => path ?? `${layer ?? ''}/${weight ?? ''}`).sort());
    const actual = await runGraph(graph, Float32Array.from(model.input), model.count);
    // Relative to the largest output, in float32 computed in another order: 1e-5 is some 80 roundings.
    const scale = Math.max(1, ...model.output.map(Math.abs));
    expect(largestDifference(actual, model.output) / scale).toBeLessThan(1e-5);
    expect(model.output.some((value) => value !== model.output[0])).toBe(true);
  });

  test.each(Object.entries<Case>(cases).filter(([, { weights }]) => weights.length > 0))('%s: both engines find the same gradient, which is how the loss changes along it', async (_, model) => {
    const graph = flattened(graphOf(model, version));
    const trainable = [...graph.tensors.values()].filter(({ role }) => role === 'parameter').map(({ name }) => name);
    const length = inferShapes(graph, { batch: model.count }).get(graph.outputs[0] ?? '')?.shape[1] ?? 0;
    const batch = { features: Float32Array.from(model.input), labels: new Float32Array(model.count * length), size: model.count };
    const sessions = await Promise.all(engines.map((engine) => engine.prepare({ graph, loss: 'mean-squared-error', trainable, batchSize: model.count })));
    try {
      const [ours, theirs] = await Promise.all(sessions.map((session) => session.gradient(batch)));
      const [session] = sessions;
      if (ours === undefined || theirs === undefined || session === undefined) throw new Error('no gradient');
      const norm = Math.hypot(...ours.gradient);
      expect(norm).toBeGreaterThan(0);
      // float32 arithmetic in two orders, through recurrences of five steps: 1e-5 is some 80 roundings.
      expect(Math.hypot(...ours.gradient.map((value, index) => value - (theirs.gradient[index] ?? NaN))) / norm).toBeLessThan(1e-5);

      // Along its own direction, the loss changes by the gradient's norm.
      const start = await session.parameters();
      const lossAt = async (distance: number): Promise<number> => {
        await session.setParameters(start.map((value, index) => value + (distance * (ours.gradient[index] ?? 0)) / norm));
        return (await session.gradient(batch)).loss;
      };
      const step = 2 ** -8;
      const slope = (await lossAt(step) - await lossAt(-step)) / (2 * step);
      // The third derivative times step²/6, kinks of rectifiers, and rounding of the losses by 2^-24 over 2^-7.
      expect(Math.abs(slope / norm - 1)).toBeLessThan(0.01);
    } finally {
      for (const session of sessions) await session.dispose();
    }
  });
});
