import { inspectModel } from '../model/inspect-model';
import type { ModelReport } from '../protocol/model-report';
import { tensorFacts } from './tensor-facts';

/** Opens a model and says what it holds. */
export async function inspect(path: string): Promise<ModelReport> {
  const summary = await inspectModel(path);
  return { path, ...summary, trainable: tensorFacts(summary.tensors) };
}
