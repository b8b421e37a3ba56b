import type { Coverage } from '../certificate/statement';
import type { RunInputs } from './open-inputs';

/** What was done to each tensor of the model and to whatever else in its files training data could have touched. */
export function coverageOf({ trainable, model }: Pick<RunInputs, 'trainable' | 'model'>): Coverage[] {
  return [
    ...trainable.map(({ name, shape, values }): Coverage => ({
      tensor: name,
      shape: [...shape],
      count: values.length,
      treatment: 'noised',
      why: 'a trained parameter: clipped and noised with all the others, then recovered on the retain set',
    })),
    ...model.residues.map(({ name, kind }): Coverage => ({
      tensor: name,
      treatment: 'dropped',
      why: kind === 'optimizer-state' ? 'state of the optimiser, which remembers gradients of the original training data' : 'computed during the original training',
    })),
  ];
}
