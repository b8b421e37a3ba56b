import type { Method } from '../privacy/mechanism';

/** What a run of a method can truthfully say about the assumptions that differ between methods, and about the tensors that it was applied to. */
export interface MethodWords {
  /** What was done to the trained tensors: “All 8 trained tensors …”. */
  readonly done: string;
  /** Why a tensor counts as covered. */
  readonly why: string;
  /** Assumption 3. */
  readonly noise: string;
  /** Assumption 4, which only the signer can vouch for. */
  readonly chosen: string;
  /** Assumption 5. */
  readonly memory: string;
  /** Assumption 6. */
  readonly intermediate: string;
}

const everyStep: Pick<MethodWords, 'noise' | 'chosen' | 'memory' | 'intermediate'> = {
  noise: 'Every step drew new noise from the operating system\'s cryptographic source; there is no key or seed to store, and a run cannot be resumed.',
  chosen: 'Radii, step sizes, number of steps, noise and all other settings, those of the recovery included, follow from the request, which was read before the model was opened; that they were chosen without looking at the original model or the forgotten records, and that this run was not picked out of several by its outcome, is the word of the signer.',
  memory: 'The noisy steps had no memory besides the parameters; recovery began after the last noise and used the retain set alone.',
  intermediate: 'No state before the last noisy step was written to disk. The original model is unchanged until its owner deletes it.',
};
const tensorByTensor: Partial<MethodWords> = {
  chosen: 'Radii, step sizes, number of steps, noise and all other settings, those of the recovery included, follow from the request, which was read before the model was opened, and from the shapes of its tensors; that they were chosen without looking at the original model or the forgotten records, and that this run was not picked out of several by its outcome, is the word of the signer.',
};
const once: typeof everyStep = {
  ...everyStep,
  noise: 'The noise was drawn once from the operating system\'s cryptographic source; there is no key or seed to store.',
  memory: 'There were no noisy steps that could have had a memory; recovery began after the noise and used the retain set alone.',
  intermediate: 'No state before the noise was written to disk. The original model is unchanged until its owner deletes it.',
};
const exact: typeof everyStep = {
  noise: 'The fresh start was drawn from the operating system\'s cryptographic source; there is no key or seed to store.',
  chosen: 'Nothing was computed from the original model\'s parameters. That the architecture and the settings of the training were not chosen by what the original model had learned from the forgotten records is the word of the signer.',
  memory: 'There were no noisy steps; training began at the fresh start and used the retain set alone.',
  intermediate: 'No state was written to disk before the end. The original model is unchanged until its owner deletes it.',
};

const words: Readonly<Record<Exclude<Method, 'dp-sgd-group'>, MethodWords>> = {
  'gradient-clipping': { ...everyStep, done: 'were clipped as one vector and noised', why: 'a trained parameter: clipped and noised with all the others, then recovered on the retain set' },
  'layered-gradient-clipping': { ...everyStep, ...tensorByTensor, done: 'were clipped, each to a radius of its own, and noised', why: 'a trained parameter: clipped and noised with its own radii, then recovered on the retain set' },
  'sequential-subspaces': { ...everyStep, ...tensorByTensor, done: 'were clipped and noised, one after the other and each in turn before any was touched again', why: 'a trained parameter: clipped and noised in its turn, then recovered on the retain set' },
  'model-clipping': { ...everyStep, done: 'were clipped as one vector after every step, and noised', why: 'a trained parameter: clipped and noised with all the others after every step, then recovered on the retain set' },
  'output-perturbation': { ...once, done: 'were clipped as one vector and noised', why: 'a trained parameter: clipped and noised once with all the others, then recovered on the retain set' },
  'gaussian-restart': { ...exact, done: 'were replaced by random numbers that were drawn without them', why: 'replaced by random numbers drawn without the trained ones, then trained on the retain set' },
  retrain: { ...exact, done: 'were replaced by a fresh initialisation that depends on their shapes alone', why: 'replaced by a fresh initialisation, then trained on the retain set' },
  'convex-head': {
    ...once,
    done: 'were clipped as one vector, trained on the retain set until their start hardly mattered, and noised',
    why: 'a trained parameter of the one linear layer: clipped, trained on the retain set with decay, then noised',
    chosen: 'The radius, step sizes, decay, number of steps, noise and all other settings, those of the recovery included, follow from the request, which was read before the model was opened, and from the norms of the retained inputs; that they were chosen without looking at the original model or the forgotten records, and that this run was not picked out of several by its outcome, is the word of the signer.',
    memory: 'Every step before the noise was the plain mean gradient of a batch with decay on every trained number, in 64-bit arithmetic, without memory besides the parameters.',
  },
};

/** Throws `RangeError` for a method that there is no run of. */
export function wordsOf(method: Method): MethodWords {
  if (method === 'dp-sgd-group') throw new RangeError('there is no run of dp-sgd-group');
  return words[method];
}
