import type { Dataset } from '../data/dataset';
import type { Engine } from '../engine/engine';
import { openEngine } from '../engine/engines';
import type { Graph } from '../graph/graph';
import { upTo, withValues } from '../graph/with-values';
import type { AdaptedState } from '../model/model';

const CHUNK = 1024;

/**
 * The graph with what its preprocessing layers keep of the records taken from these records instead. Each layer's input is computed by the part of
 * the graph in front of it, in which nothing was trained.
 * @param states in the order in which the graph runs
 */
export async function withFreshStates(graph: Graph, states: readonly AdaptedState[], dataset: Dataset, records: Uint32Array): Promise<Graph> {
  let current = graph;
  let engine: Engine | undefined;
  for (const state of states) {
    const collector = state.collect();
    const isRecord = graph.inputs[0]?.name === state.input;
    // Planning and running must agree, so neither asks for the engine of the request.
    if (!isRecord) engine ??= await openEngine('onnxruntime').catch(() => openEngine('tensorflow'));
    // The loss is never computed; any that takes all outputs will do.
    const session = isRecord ? undefined : await engine?.prepare({ graph: upTo(current, state.input), loss: 'mean-squared-error', trainable: [], batchSize: CHUNK });
    try {
      for (let start = 0; start < records.length; start += CHUNK) {
        const { features, size } = await dataset.read(records.slice(start, start + CHUNK));
        collector.add(session === undefined ? features : await session.predict(features, size));
      }
    } finally {
      await session?.dispose();
    }
    current = withValues(current, collector.results());
  }
  return current;
}
