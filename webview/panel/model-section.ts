import { button } from '../controls';
import { definitions, element } from '../dom';
import { count } from '../numbers';
import { Field } from './field';
import { drawn, row, section } from './section';
import type { PanelActions, PanelState, Section } from './state';

export function modelSection(actions: PanelActions): Section {
  const path = ['model'];
  return section('Model',
    row(new Field({
      label: 'Model file',
      path,
      help: 'The trained model. It is read, never changed.',
      beside: button('Browse…', () => actions.send({ type: 'browse', path }), { secondary: true, label: 'Browse for the model file' }),
    }, actions)),
    drawn('facts', factsOf));
}

function factsOf({ facts }: PanelState): readonly Node[] {
  switch (facts.status) {
    case 'loading':
      return [element('p', { class: 'muted', role: 'status' }, 'Reading model and data …')];
    case 'waiting':
      return [element('p', { class: 'muted' }, facts.why === 'untrusted' ? 'Model and data are not read in Restricted Mode.' : 'Model and data are read once the request is complete and saved.')];
    case 'failed': {
      const { field, message, remedy } = facts.error;
      return [element('p', { class: 'problem', role: 'alert' }, [field === undefined ? message : `${field}: ${message}`, remedy].filter((part) => part !== undefined).join(' '))];
    }
    case 'ready': {
      const { model, output } = facts.report;
      return [definitions([
        ['Format', model.format],
        ['Clipped and noised', `${count(model.parameters)} parameters in ${count(model.tensors)} tensors`],
        ['Result', output],
      ])];
    }
  }
}
