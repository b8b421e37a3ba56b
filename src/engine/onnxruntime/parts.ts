import { bind } from '../../graph/bind';
import type { LossGraph } from '../../graph/attach-loss';
import { reachable } from '../../graph/attach-loss';
import { recordsApart } from '../../graph/records-apart';
import { sizeOf } from '../../graph/shapes';

/** Bytes that one tensor may take so that it and its neighbours stay in the cache of the processor that works on it (docs/engines.md, "Batches in parts"). */
const cached = 1 << 19;
/** A part reads the parameters, writes their gradients and adds them up: so many bytes for each of them. */
const bytesPerParameter = 16;

/**
 * How many records to differentiate at a time. A batch whose activations do not fit into the processor's caches is taken in parts, because
 * operators between matrix products then wait for memory; not where the parameters outweigh the activations, nor where the model mixes records.
 * At most `batch`; every part but the last has this size, and there is one for every thread where there are any.
 */
export function partSize(loss: LossGraph, input: string, batch: number, dimension: number, threads: number): number {
  const forward = { ...loss.graph, nodes: reachable(loss.graph.nodes, loss.prediction), outputs: [loss.prediction] };
  const whole = bind(forward, { batch });
  const sizes = whole.nodes.map(({ outputs }) => 4 * sizeOf(whole.types.get(outputs[0] ?? '')?.shape ?? []));
  const fitting = Math.ceil(Math.max(0, ...sizes) / cached);
  const affordable = Math.floor(sizes.reduce((sum, size) => sum + size, 0) / (bytesPerParameter * dimension));
  if (fitting < 2) return batch;
  const parts = Math.max(1, Math.min(batch, affordable, Math.max(fitting, threads)));
  const size = Math.ceil(batch / parts);
  return size < batch && recordsApart(forward, input, batch, size) ? size : batch;
}
