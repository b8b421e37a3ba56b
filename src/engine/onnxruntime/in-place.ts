import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphBuilder } from '../../graph/builder';

/*
 * onnxruntime-node 1.30 copies every output of a run into a new array, one after the other, even those that were written to a buffer of the
 * caller's, where nobody looks at the copy. For a gradient that is its own size in memory, and up to a third of a step. It stops at the first
 * output that it cannot hand over, and by then all of them are written.
 */

/** What onnxruntime-node says of an output that is no tensor; it says so when the run is over. */
const notHandedOver = 'Non tensor type is temporarily not supported.';

/** Gives the graph an output that onnxruntime-node cannot hand over, a sequence of `value`; to be called before all other outputs are declared. Returns its name. */
export function declareEnd(build: GraphBuilder, value: string): string {
  const end = build.node('SequenceConstruct', [value]);
  build.output(end);
  return end;
}

/** Runs a graph whose first output is `end`, from `declareEnd`; all others are in their own buffers afterwards, and nowhere else. Rejects where the run fails. */
export async function runInPlace(session: InferenceSession, end: string, feeds: Readonly<Record<string, Tensor>>, outputs: Readonly<Record<string, Tensor>>): Promise<void> {
  try {
    await session.run(feeds, { [end]: null, ...outputs });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== notHandedOver) throw error;
  }
}
