import { t } from '../l10n';
import type { MethodName } from './method-switch';

export interface MethodText {
  readonly name: MethodName;
  readonly text: string;
  readonly about: string;
}

/** The methods in the order in which to consider them. */
export const methods: readonly MethodText[] = [
  { name: 'layered-gradient-clipping', text: t('layered gradient clipping'), about: t('Noisy fine-tuning with clipped gradients; radii and noise of each tensor follow from its shape. A good start for most models.') },
  { name: 'gradient-clipping', text: t('gradient clipping'), about: t('Noisy fine-tuning with clipped gradients and the same noise on every parameter.') },
  { name: 'sequential-subspaces', text: t('sequential subspaces'), about: t('Noisy fine-tuning of one tensor after the other, the rest frozen.') },
  { name: 'model-clipping', text: t('model clipping'), about: t('Noisy fine-tuning whose parameters are clipped after every step.') },
  { name: 'convex-head', text: t('convex head'), about: t('For models of which only one linear layer is trained: training with decay forgets its start by itself, so that hardly any noise is needed.') },
  { name: 'output-perturbation', text: t('output perturbation'), about: t('The clipped model with one draw of noise: the simplest method, as a baseline.') },
  { name: 'gaussian-restart', text: t('Gaussian restart'), about: t('Random parameters, then recovery. Exact: ε = 0. The baseline to compare with.') },
  { name: 'retrain', text: t('retrain'), about: t('A fresh initialisation, then training on the retain set as the recovery says. Exact: ε = 0.') },
];
