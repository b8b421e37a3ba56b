import type { Mechanism, Method } from './mechanism';
import { PrivacyError } from './privacy-error';

/** What a method does to the model, as one sentence for people. */
export function behaviourOf(method: Method): string {
  return BEHAVIOUR[method];
}

/**
 * Everything that the guarantee of a mechanism rests on and that the accounting cannot see, one sentence each. Who runs the mechanism enforces them or says
 * that it does not. Throws `unknown-method`.
 */
export function assumptionsOf(mechanism: Mechanism): readonly string[] {
  const own = OWN[mechanism.method] as readonly string[] | undefined;
  if (own === undefined) throw new PrivacyError('unknown-method', `nothing is known about the method ${JSON.stringify(mechanism.method)}`, { field: 'method', remedy: 'Write a method that docs/privacy.md lists.' });
  return [...(mechanism.method === 'dp-sgd-group' ? [] : mechanism.method === 'retrain' ? WITHOUT_NOISE : WITH_NOISE), ...own, ...scopeAssumptions(mechanism)];
}

const RETAINED = 'Gradients come from retained records alone, and no forgotten record or exact duplicate of one is among them.';
const COMPLETE =
  'Every released tensor and buffer that training data could have touched is clipped and noised, reset to a value that never saw the data, recomputed from retained records afterwards, or identical to a public base.';
const CERTIFICATE = 'Whatever is released beside the model, the certificate included, depends on the released model, on retained records and on public parameters alone.';

const WITHOUT_NOISE: readonly string[] = [COMPLETE, RETAINED, CERTIFICATE];

const WITH_NOISE: readonly string[] = [
  COMPLETE,
  RETAINED,
  'The noise is fresh and independent in every step and coordinate, from a cryptographic source whose key is never stored; a resumed run draws a new key.',
  'Radii, step sizes, number of steps and noise were chosen without looking at the trained parameters or at the forgotten records.',
  'States before the last noisy step stay private, and the original model is deleted by its owner.',
  CERTIFICATE,
];

const MEMORYLESS = 'During the noisy steps the update has no memory besides the parameters: no momentum, no moments, no running statistics.';

const BEHAVIOUR: Readonly<Record<Method, string>> = {
  'gradient-clipping': 'Clips the trained parameters to a ball, then makes noisy steps on retained records with clipped gradients.',
  'layered-gradient-clipping': 'Clips each layer to a ball of its own, then makes noisy steps on retained records with radii and noise for each layer.',
  'sequential-subspaces': 'Clips blocks of parameters and replaces them one after the other by noisy steps, the rest frozen.',
  'model-clipping': 'Makes noisy steps on retained records and clips the parameters after each of them.',
  'output-perturbation': 'Clips the trained parameters to a ball and adds noise once.',
  'gaussian-restart': 'Starts again from noise that was drawn without the trained parameters.',
  retrain: 'Trains again from a fresh initialisation on retained records alone.',
  'dp-sgd-group': 'Leaves the model as it is, because its training was already differentially private.',
  'convex-head': 'Trains a linear layer on retained records until the start hardly matters, then adds noise once.',
};

const OWN: Readonly<Record<Method, readonly string[]>> = {
  'gradient-clipping': ['The mean gradient of a batch is clipped as one vector.', MEMORYLESS],
  'layered-gradient-clipping': ['The mean gradient of a batch is clipped layer by layer, each to its own radius.', MEMORYLESS],
  'sequential-subspaces': ['A block is not touched again before all blocks are done.', 'The mean gradient of a batch is clipped as one vector for the block at hand.', MEMORYLESS],
  'model-clipping': ['The parameters are clipped after the gradient step and before the noise.', MEMORYLESS],
  'output-perturbation': [],
  'gaussian-restart': ['The starting noise is drawn without the trained parameters.'],
  retrain: ['The initialisation and the order of records do not depend on the trained parameters.'],
  'dp-sgd-group': [
    'The guarantee of the original training is as stated, for adding or removing one record, and covers everything released since.',
    'The group counts every record to forget, copies included.',
  ],
  'convex-head': [
    'The layer is linear, the only one that was trained, and its inputs come from a frozen public part of the model, or are the data themselves.',
    'The norm of its inputs on retained records, bias entry included, is at most the stated radius.',
    'The decay acts on every trained coordinate, and every step is the plain mean gradient of a batch with the stated learning rate.',
    'Nothing between the first and the last step is released.',
  ],
};

function scopeAssumptions(mechanism: Mechanism): readonly string[] {
  const { centre, frozen } = 'centre' in mechanism || 'frozen' in mechanism ? mechanism : {};
  return [
    ...(centre === 'public' ? ['The clipping centre is a public base model that no deletable data ever touched.'] : []),
    ...(frozen === undefined || frozen.length === 0 ? [] : [`These tensors are bit-identical to a public base that no deletable data ever touched: ${frozen.join(', ')}.`]),
  ];
}
