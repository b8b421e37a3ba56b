import type { Assumption, Coverage, Predicate } from '../certificate/statement';
import type { Plan } from '../plan/plan';
import { assumptionsOf } from './assumptions';
import { coverageOf, statisticsTensors } from './coverage';
import type { RunInputs } from './open-inputs';

/** The part of a certificate that speaks of the model: what was done to everything in its files, and how the assumptions were met. */
export interface CertifiedTensors {
  /** All tensors, whatever was done to them. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Names of what else in the files training data could have touched. */
  readonly residues: readonly string[];
  readonly coverage: readonly Coverage[];
  readonly assumptions: Assumption[];
  readonly centre: Predicate['centre'];
  /** Sentences to add to what is not guaranteed. */
  readonly limits: readonly string[];
}

/** For a model that was trained here. */
export function certifiedTensors(inputs: RunInputs, { mechanism }: Plan): CertifiedTensors {
  return {
    tensors: [...inputs.trainable, ...inputs.frozen, ...statisticsTensors(inputs)].map(({ name, shape }) => ({ name, shape })),
    residues: inputs.model.residues.map(({ name }) => name),
    coverage: coverageOf(mechanism.method, inputs),
    assumptions: assumptionsOf(mechanism.method, inputs),
    centre: mechanism.method === 'retrain' || inputs.centre === undefined ? 'zero' : inputs.centre.source,
    limits: [],
  };
}
