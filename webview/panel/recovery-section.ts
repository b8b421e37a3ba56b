import { t } from '../l10n';
import { numberCodec } from './codec';
import { Field } from './field';
import { folded } from './native';
import { row, section } from './section';
import type { PanelActions, Section } from './state';

export function recoverySection(actions: PanelActions): Section {
  const number = (label: string, path: readonly string[], help: string, placeholder: string): Field => new Field({ label, path: ['recovery', ...path], help, codec: numberCodec, narrow: true, placeholder }, actions);
  return section(t('Recovery'),
    row(
      number(t('Epochs'), ['epochs'], t('Ordinary fine-tuning on the retain set after the noise; it costs no privacy.'), '1'),
      new Field({ label: t('Optimizer'), path: ['recovery', 'optimizer'], help: t('Of the recovery.'), narrow: true, options: [['sgd', 'SGD'], ['adam', 'Adam']] }, actions),
      number(t('Learning rate'), ['learningRate'], t('At its highest.'), '0.05'),
      new Field({ label: t('Schedule'), path: ['recovery', 'schedule'], help: t('How the learning rate goes.'), narrow: true, options: [['cosine', t('cosine')], ['constant', t('constant')], ['one-cycle', t('one cycle')]] }, actions),
      number(t('Batch size'), ['batchSize'], t('Records in each mini-batch.'), '128')),
    folded(t('Momentum, weight decay, gradient clipping, early stopping'), () => [row(
      number(t('Momentum'), ['momentum'], t('Of SGD.'), '0.9'),
      number(t('Weight decay'), ['weightDecay'], t('Pull towards zero at each step.'), '0'),
      number(t('Clip gradients at'), ['clipNorm'], t('Longer gradients are scaled down to this norm, so that one bad batch does not undo the rest. It has no part in the guarantee.'), '5'),
      number(t('Stop early after'), ['earlyStop', 'patience'], t('Epochs without a better loss on the evaluation records, which must be a share of the kept ones. The best parameters are kept.'), t('never')))]));
}
