import { suggestMethod } from '../../src/plan/suggest';
import { button } from '../controls';
import { numberCodec } from './codec';
import { Field } from './field';
import { row, section } from './section';
import type { PanelActions, PanelState, Section } from './state';

export function methodSection(actions: PanelActions): Section {
  const number = (label: string, key: string, help: string, placeholder?: string): Field =>
    new Field({ label, path: ['method', key], help, codec: numberCodec, narrow: true, ...(placeholder === undefined ? {} : { placeholder }) }, actions);
  return section('Method: gradient clipping',
    row(
      number('Initial radius C₀', 'initialRadius', 'The trained parameters are first scaled to at most this norm. Choose it without looking at them.'),
      number('Gradient radius C₁', 'gradientRadius', 'Every mini-batch gradient is scaled to at most this norm.'),
      number('Learning rate γ', 'learningRate', 'Step size of the noisy steps.'),
      number('Decay λ', 'decay', 'Pull towards zero at each noisy step.')),
    row(
      number('Noisy steps T', 'steps', 'More steps spread the noise.'),
      number('Batch size', 'batchSize', 'Records in each mini-batch.', '128'),
      number('Noise σ', 'sigma', 'Computed from the target while empty; a number here fixes it.', 'computed')),
    suggestion(actions));
}

/** Parameters that follow from the target and the shapes of the model alone, and so cost no privacy. */
function suggestion(actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const control = button('Suggest Parameters', () => {
    const epsilon = latest?.document?.planned?.target.epsilon;
    const delta = latest?.document?.planned?.target.delta;
    if (latest?.facts.status !== 'ready' || epsilon === undefined || delta === undefined) return;
    // Without σ, which is then computed from the target.
    actions.edit({ path: ['method'], value: suggestMethod({ epsilon, delta }, latest.facts.report.facts.tensors) });
  }, { secondary: true });
  control.title = 'From the target and the shapes of the model alone: nothing is looked at, so it costs no privacy.';
  return {
    element: control,
    update: (state) => {
      latest = state;
      control.disabled = state.facts.status !== 'ready' || state.document?.planned?.target.epsilon === undefined;
    },
  };
}
