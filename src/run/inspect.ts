import { inspectModel } from '../model/inspect-model';
import type { ModelReport } from '../protocol/model-report';

/** Opens a model and says what it holds. Fan-ins are told from shapes alone, in the layout of Keras: all dimensions but the last. */
export async function inspect(path: string): Promise<ModelReport> {
  const summary = await inspectModel(path);
  const trainable = summary.tensors.filter(({ role }) => role === 'parameter').map(({ name, shape, count }) => ({ name, count, fanIn: shape.length < 2 ? undefined : count / (shape.at(-1) ?? 1) }));
  return { path, ...summary, trainable };
}
