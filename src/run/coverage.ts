import type { Coverage } from '../certificate/statement';
import { treatmentBy } from '../certificate/treatment';
import type { Method } from '../privacy/mechanism';
import type { NamedTensor } from '../graph/graph';
import { normalizesByBatch } from './batch-normalization';
import type { RunInputs } from './open-inputs';
import { wordsOf } from './words-of-method';

/** What was done to each tensor of the model and to whatever else in its files training data could have touched. */
export function coverageOf(method: Method, { loaded, trainable, frozen, statistics, model, buffers }: Pick<RunInputs, 'loaded' | 'trainable' | 'frozen' | 'statistics' | 'model' | 'buffers'>): Coverage[] {
  const meanwhile = normalizesByBatch({ loaded, statistics }, method) ? 'the steps normalised by their mini-batches instead' : 'reset for the noisy steps';
  return [
    ...[...frozen, ...buffers.identical].map(({ name, shape, values }): Coverage => ({ tensor: name, shape: [...shape], count: values.length, treatment: 'public', why: 'bit-identical to the public base, so nothing in it was learned from the data' })),
    ...trainable.map(({ name, shape, values }): Coverage => ({
      tensor: name,
      shape: [...shape],
      count: values.length,
      treatment: treatmentBy({ method }),
      why: wordsOf(method).why,
    })),
    ...statisticsTensors({ statistics, model }).map(({ name, shape, values }): Coverage => ({
      tensor: name,
      shape: [...shape],
      count: values.length,
      treatment: 'recomputed',
      why: `running statistics of a batch normalisation: ${meanwhile}, then recomputed from the retain set`,
    })),
    ...recordTensors({ buffers, model }).map(({ name, shape, values }): Coverage => ({
      tensor: name,
      shape: [...shape],
      count: values.length,
      treatment: 'recomputed',
      why: 'statistics of the records themselves: taken from the retain set alone, before the first step',
    })),
    ...buffers.declared.map(({ tensor: { name, shape, values }, reason }): Coverage => ({
      tensor: name,
      shape: [...shape],
      count: values.length,
      treatment: 'public',
      why: `on the word of the signer: ${reason}`,
    })),
    ...model.residues.map(({ name, kind }): Coverage => ({
      tensor: name,
      treatment: 'dropped',
      why: kind === 'optimizer-state' ? 'state of the optimiser, which remembers gradients of the original training data' : 'computed during the original training',
    })),
  ];
}

/** The buffers that are recomputed, as the model stores them. */
export function statisticsTensors({ statistics, model }: Pick<RunInputs, 'statistics' | 'model'>): readonly NamedTensor[] {
  return statistics.flatMap(({ mean, variance }) => [mean, variance]).flatMap((name) => model.graph.tensors.get(name) ?? []);
}

/** What preprocessing layers keep of the records themselves, as the model stores it. */
export function recordTensors({ buffers, model }: Pick<RunInputs, 'buffers' | 'model'>): readonly NamedTensor[] {
  return buffers.states.flatMap(({ stored }) => stored).flatMap((name) => model.graph.tensors.get(name) ?? []);
}
