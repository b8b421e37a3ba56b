import { usualStart } from '../engine/usual-start';
import { openForInspection, type Inspected } from '../model/inspect-model';
import type { TensorSummary } from '../model/model';
import type { TensorFacts } from '../plan/noise-and-signal';
import { compareWithBase } from '../model/public-base';
import type { ModelReport } from '../protocol/model-report';

/** Opens a model and says what it holds, and how far it is from a public base where one is named. */
export async function inspect(path: string, base?: string): Promise<ModelReport> {
  const inspected = await openForInspection(path);
  const { summary } = inspected;
  const comparison = base === undefined ? {} : { comparison: await compareWithBase(path, base) };
  return { path, ...summary, ...comparison, trainable: summary.tensors.filter(({ role }) => role === 'parameter').map((tensor) => factsOf(tensor, inspected)) };
}

/** Fan-in as a plan takes it: from the operator that reads the tensor, or, for a checkpoint without a model, from PyTorch's layout. */
function factsOf({ name, shape, count }: TensorSummary, { summary, graph }: Inspected): TensorFacts {
  if (graph !== undefined && summary.obstacle === undefined) return { name, count, fanIn: usualStart(graph, name).fanIn };
  return { name, count, fanIn: shape.length < 2 ? undefined : count / (shape[0] ?? 1) };
}
