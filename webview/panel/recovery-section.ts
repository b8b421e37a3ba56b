import { numberCodec } from './codec';
import { Field } from './field';
import { row, section } from './section';
import type { PanelActions, Section } from './state';

export function recoverySection(actions: PanelActions): Section {
  const number = (label: string, key: string, help: string, placeholder: string): Field => new Field({ label, path: ['recovery', key], help, codec: numberCodec, narrow: true, placeholder }, actions);
  return section('Recovery',
    row(
      number('Epochs', 'epochs', 'Ordinary fine-tuning on the retain set after the noise; it costs no privacy.', '1'),
      new Field({ label: 'Optimizer', path: ['recovery', 'optimizer'], help: 'Of the recovery.', narrow: true, options: [['sgd', 'SGD'], ['adam', 'Adam']] }, actions),
      number('Learning rate', 'learningRate', 'At its highest.', '0.05'),
      new Field({ label: 'Schedule', path: ['recovery', 'schedule'], help: 'How the learning rate goes.', narrow: true, options: [['cosine', 'cosine'], ['constant', 'constant'], ['one-cycle', 'one cycle']] }, actions),
      number('Batch size', 'batchSize', 'Records in each mini-batch.', '128')));
}
