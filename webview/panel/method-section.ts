import { suggestMethod } from '../../src/plan/suggest';
import { button } from '../controls';
import { numberCodec } from './codec';
import { Field } from './field';
import { methods } from './methods';
import { switchedMethod, type MethodName } from './method-switch';
import { row, section } from './section';
import { at, type PanelActions, type PanelState, type Section } from './state';

const gradientSteps: readonly MethodName[] = ['layered-gradient-clipping', 'gradient-clipping', 'sequential-subspaces'];
const stepping: readonly MethodName[] = [...gradientSteps, 'model-clipping', 'convex-head'];
const oneRadius: readonly MethodName[] = ['gradient-clipping', 'sequential-subspaces', 'model-clipping', 'output-perturbation', 'convex-head'];

export function methodSection(actions: PanelActions): Section {
  const number = (label: string, key: string, only: readonly MethodName[], help: string, placeholder?: string): Section =>
    shownFor(only, new Field({ label, path: ['method', key], help, codec: numberCodec, narrow: true, ...(placeholder === undefined ? {} : { placeholder }) }, actions));
  return section('Method',
    row(methodChoice(actions), suggestion(actions)),
    row(
      number('Initial radius C₀', 'initialRadius', oneRadius, 'The trained parameters are first scaled to at most this norm. Choose it without looking at them.'),
      number('Model radius C₂', 'modelRadius', ['model-clipping'], 'The parameters are clipped to at most this norm after every step.', 'C₀'),
      number('Gradient radius C₁', 'gradientRadius', ['gradient-clipping', 'sequential-subspaces', 'model-clipping'], 'Every mini-batch gradient is scaled to at most this norm.'),
      number('Noise scale', 'noiseScale', ['layered-gradient-clipping'], 'Noise of each tensor in the end, as a share of its usual initial scale.', '0.5'),
      number('Gradient share', 'gradientShare', ['layered-gradient-clipping'], 'Share of the privacy budget for learning during the noisy steps.', '0.5'),
      number('Learning rate γ', 'learningRate', stepping, 'Step size of the noisy steps; the largest one where it changes.', '0.1'),
      number('Decay λ', 'decay', stepping, 'Pull towards the centre at each noisy step.')),
    row(
      number('Noisy steps T', 'steps', stepping, 'More steps spread the noise.', '100'),
      number('Batch size', 'batchSize', stepping, 'Records in each mini-batch.', '128'),
      number('Noise σ', 'sigma', [...oneRadius, 'gaussian-restart'], 'Computed from the target while empty; a number here fixes it.', 'computed')));
}

function methodChoice(actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const field = new Field({
    label: 'Method',
    path: ['method', 'name'],
    help: '',
    options: methods.map(({ name, text }) => [name, text]),
  }, {
    ...actions,
    // The parameters that the other method has no use for would be refused.
    preview: () => undefined,
    edit: ({ path, value }) => actions.edit({ path: path.slice(0, -1), value: switchedMethod(at(latest?.document?.value, ['method']), value as MethodName) }),
  });
  return {
    element: field.element,
    update: (state) => {
      latest = state;
      field.update(state);
      field.describe(methods.find(({ name }) => name === at(state.document?.value, ['method', 'name']))?.about ?? '');
    },
  };
}

function shownFor(only: readonly MethodName[], part: Section): Section {
  return {
    element: part.element,
    update: (state) => {
      const name = at(state.document?.value, ['method', 'name']);
      part.element.hidden = !only.some((method) => method === name);
      part.update(state);
    },
  };
}

/** Parameters that follow from the target and the shapes of the model alone, and so cost no privacy. */
function suggestion(actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const control = button('Suggest Parameters', () => {
    const epsilon = latest?.document?.planned?.target.epsilon;
    const delta = latest?.document?.planned?.target.delta;
    if (latest?.facts.status !== 'ready' || epsilon === undefined || delta === undefined) return;
    actions.edit({ path: ['method'], value: suggestMethod() });
  }, { secondary: true });
  control.title = 'From the target and the shapes of the model alone: nothing is looked at, so it costs no privacy.';
  control.classList.add('beside-field');
  return {
    element: control,
    update: (state) => {
      latest = state;
      control.disabled = state.facts.status !== 'ready' || state.document?.planned?.target.epsilon === undefined;
    },
  };
}
