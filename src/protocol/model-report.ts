import type { ModelSummary } from '../model/model';
import type { BaseComparison } from '../model/public-base';
import type { TensorFacts } from '../plan/noise-and-signal';

/** What `inspect` says about a model file. */
export interface ModelReport extends ModelSummary {
  readonly path: string;
  /** The tensors that training changes, as a plan needs them. */
  readonly trainable: readonly TensorFacts[];
  /** How each tensor relates to the public model it was asked to be compared with. */
  readonly comparison?: readonly BaseComparison[] | undefined;
}
