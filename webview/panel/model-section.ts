import type { OtherTensors } from '../../src/protocol/engine-protocol';
import { button } from '../controls';
import { definitions, element } from '../dom';
import { plural, t } from '../l10n';
import { count } from '../numbers';
import { numberCodec, numberListCodec } from './codec';
import { Field, inWords } from './field';
import { check, folded } from './native';
import { publicBuffers } from './public-buffers';
import { drawn, row, section } from './section';
import type { PanelActions, PanelState, Section } from './state';

export function modelSection(actions: PanelActions): Section {
  const file = (path: readonly string[], label: string, help: string): Field =>
    new Field({ label, path, help, beside: button(t('Browse…'), () => actions.send({ type: 'browse', path }), { secondary: true, label: t('Browse for: {0}', label) }) }, actions);
  return section(t('Model'),
    row(
      file(['model'], t('Model file'), t('The trained model. It is read, never changed.')),
      file(['base'], t('Public base'), t('A public model that training started from and that no deletable data ever touched. The noise is centred on it.'))),
    drawn('facts', factsOf),
    publicBuffers(actions),
    folded(t('How the model is trained'),
      () => [row(
        new Field({
          label: t('Loss'), path: ['loss'], help: t('Read off the last layer unless chosen.'), narrow: true,
          options: [['', t('as the last layer says')], ['softmax-cross-entropy', t('softmax cross-entropy')], ['binary-cross-entropy', t('binary cross-entropy')], ['mean-squared-error', t('mean squared error')]],
        }, actions),
        new Field({ label: t('Class weights'), path: ['classWeights'], help: t('How much a record of each class counts: 1, 1, 2.5.'), codec: numberListCodec, narrow: true, placeholder: t('all alike') }, actions),
        new Field({
          label: t('Batch normalisation'), path: ['batchNormalization'], help: t('By the mini-batch at hand, as in ordinary training, or by fixed numbers. What is released is computed from the retain set either way.'), narrow: true,
          options: [['batch', t('by the mini-batch')], ['fixed', t('by fixed numbers')]],
        }, actions)),
      row(
        check({ label: t('Mirror images'), path: ['augmentation', 'flip'], help: t('Left and right, half of the time.') }, actions),
        new Field({ label: t('Shift images by'), path: ['augmentation', 'shift'], help: t('Up to this many pixels, at every reading.'), codec: numberCodec, narrow: true, placeholder: '0' }, actions),
        new Field({ label: t('Fill with'), path: ['augmentation', 'fill'], help: t('Value of pixels from outside the image, after scaling.'), codec: numberCodec, narrow: true, placeholder: '0' }, actions),
        new Field({
          label: t('Order of an image'), path: ['augmentation', 'layout'], help: t('Where the colours stand in its shape.'), narrow: true,
          options: [['channels-last', t('colours last')], ['channels-first', t('colours first')]],
        }, actions)),
      row(
        new Field({
          label: t('Engine'), path: ['engine'], help: t('Automatic times one step on each and takes the faster; the certificate names it.'), narrow: true,
          options: [['auto', t('automatic')], ['onnxruntime', 'ONNX Runtime'], ['tensorflow', 'TensorFlow.js']],
        }, actions),
        engineSettings(actions),
        new Field({ label: t('Seed of the order'), path: ['seed'], help: t('Of the records. The noise has no seed.'), codec: numberCodec, narrow: true, placeholder: '0' }, actions))]));
}

/** Threads and the provider are the machine's, not the request's. */
function engineSettings(actions: PanelActions): Section {
  const control = button(t('Settings of This Machine…'), () => actions.send({ type: 'show', what: 'settings' }), { secondary: true });
  control.title = t('Threads and execution provider of this machine');
  control.classList.add('beside-field');
  return { element: control, update: () => undefined };
}

function factsOf({ facts }: PanelState): readonly Node[] {
  switch (facts.status) {
    case 'loading':
      return [element('p', { class: 'muted', role: 'status' }, t('Reading model and data …'))];
    case 'waiting':
      return [element('p', { class: 'muted' }, facts.why === 'untrusted' ? t('Model and data are not read in Restricted Mode.') : t('Model and data are read once the request is complete and saved.'))];
    case 'failed': {
      const { field } = facts.error;
      return [element('p', { class: 'problem', role: 'alert' }, field === undefined ? inWords(facts.error) : `${field}: ${inWords(facts.error)}`)];
    }
    case 'ready': {
      const { model, output } = facts.report;
      return [definitions([
        [t('Format'), model.format],
        [t('Clipped and noised'), plural(model.tensors, '{1} parameters in {0} tensor', '{1} parameters in {0} tensors', count(model.parameters))],
        ...(model.others === undefined ? [] : othersIn(model.others)),
        [t('Result'), output],
      ])];
    }
  }
}

/** What is not trained; nothing is said of what there is none of. */
function othersIn({ recomputed, kept, dropped }: OtherTensors): readonly (readonly [string, string])[] {
  const rows: readonly (readonly [string, number])[] = [[t('Computed anew from the retained records'), recomputed], [t('Public, left alone'), kept], [t('Dropped'), dropped]];
  return rows.filter(([, number]) => number > 0).map(([label, number]) => [label, plural(number, '{0} tensor', '{0} tensors')]);
}
