import type { Coverage } from '../certificate/statement';
import { treatmentBy } from '../certificate/treatment';
import type { Method } from '../privacy/mechanism';
import type { RunInputs } from './open-inputs';
import { wordsOf } from './words-of-method';

/** What was done to each tensor of the model and to whatever else in its files training data could have touched. */
export function coverageOf(method: Method, { trainable, model }: Pick<RunInputs, 'trainable' | 'model'>): Coverage[] {
  return [
    ...trainable.map(({ name, shape, values }): Coverage => ({
      tensor: name,
      shape: [...shape],
      count: values.length,
      treatment: treatmentBy({ method }),
      why: wordsOf(method).why,
    })),
    ...model.residues.map(({ name, kind }): Coverage => ({
      tensor: name,
      treatment: 'dropped',
      why: kind === 'optimizer-state' ? 'state of the optimiser, which remembers gradients of the original training data' : 'computed during the original training',
    })),
  ];
}
