import { button } from '../controls';
import { definitions, element } from '../dom';
import { count } from '../numbers';
import { Field } from './field';
import { drawn, row, section } from './section';
import type { PanelActions, Section } from './state';

export function modelSection(actions: PanelActions): Section {
  const path = ['model'];
  return section('Model',
    row(new Field({
      label: 'Model file',
      path,
      help: 'The trained model. It is read, never changed.',
      beside: button('Browse…', () => actions.send({ type: 'browse', path }), { secondary: true, label: 'Browse for the model file' }),
    }, actions)),
    drawn('facts', ({ facts }) => {
      if (facts.status === 'loading') return [element('p', { class: 'muted' }, 'Reading model and data …')];
      if (facts.status !== 'ready') return [];
      const { model, output } = facts.report;
      return [definitions([
        ['Format', model.format],
        ['Clipped and noised', `${count(model.parameters)} parameters in ${count(model.tensors)} tensors`],
        ['Result', output],
      ])];
    }));
}
