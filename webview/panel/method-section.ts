import { suggestMethod } from '../../src/plan/suggest';
import type { MethodOutlook } from '../../src/plan/compare';
import { button } from '../controls';
import { element, table } from '../dom';
import { t, told } from '../l10n';
import { format, percent } from '../numbers';
import { wide } from '../wide';
import { numberCodec } from './codec';
import { Field } from './field';
import { methods } from './methods';
import { switchedMethod, type MethodName } from './method-switch';
import { folded } from './native';
import { drawn, row, section } from './section';
import { at, type PanelActions, type PanelState, type Section } from './state';

const gradientSteps: readonly MethodName[] = ['layered-gradient-clipping', 'gradient-clipping', 'sequential-subspaces'];
const stepping: readonly MethodName[] = [...gradientSteps, 'model-clipping', 'convex-head'];
const oneRadius: readonly MethodName[] = ['gradient-clipping', 'sequential-subspaces', 'model-clipping', 'output-perturbation', 'convex-head'];

export function methodSection(actions: PanelActions): Section {
  const number = (label: string, key: string, only: readonly MethodName[], help: string, placeholder?: string): Section =>
    shownFor(only, new Field({ label, path: ['method', key], help, codec: numberCodec, narrow: true, ...(placeholder === undefined ? {} : { placeholder }) }, actions));
  return section(t('Method'),
    row(methodChoice(actions), suggestion(actions)),
    restartAdvice(actions),
    row(
      number(t('Initial radius C₀'), 'initialRadius', oneRadius, t('The trained parameters are first scaled to at most this norm. Choose it without looking at them.')),
      number(t('Model radius C₂'), 'modelRadius', ['model-clipping'], t('The parameters are clipped to at most this norm after every step.'), 'C₀'),
      number(t('Gradient radius C₁'), 'gradientRadius', ['gradient-clipping', 'sequential-subspaces', 'model-clipping'], t('Every mini-batch gradient is scaled to at most this norm.')),
      number(t('Noise scale'), 'noiseScale', ['layered-gradient-clipping'], t('Noise of each tensor in the end, as a share of its usual initial scale.'), '0.5'),
      number(t('Gradient share'), 'gradientShare', ['layered-gradient-clipping'], t('Share of the privacy budget for learning during the noisy steps.'), '0.5'),
      number(t('Learning rate γ'), 'learningRate', stepping, t('Step size of the noisy steps; the largest one where it changes.'), '0.1'),
      number(t('Decay λ'), 'decay', stepping, t('Pull towards the centre at each noisy step.'))),
    row(
      number(t('Noisy steps T'), 'steps', stepping, t('More steps spread the noise.'), '100'),
      number(t('Batch size'), 'batchSize', stepping, t('Records in each mini-batch.'), '128'),
      number(t('Noise σ'), 'sigma', [...oneRadius, 'gaussian-restart'], t('Computed from the target while empty; a number here fixes it.'), t('computed'))),
    outlooks());
}

/** Plainly, where the method chosen cannot be told from an exact restart. */
function restartAdvice(actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const text = element('p', {});
  const restart = button(t('Use Gaussian Restart'), () => actions.edit({ path: ['method'], value: switchedMethod(at(latest?.document?.value, ['method']), 'gaussian-restart') }), { secondary: true });
  const retrain = button(t('Use Retraining'), () => actions.edit({ path: ['method'], value: switchedMethod(at(latest?.document?.value, ['method']), 'retrain') }), { secondary: true });
  const place = element('div', { class: 'advice-box', hidden: true }, element('p', {}, t('An exact restart gives the same here, or more.')), text, element('div', { class: 'buttons' }, restart, retrain));
  return {
    element: place,
    update: (state) => {
      latest = state;
      const advice = state.facts.status === 'ready' ? state.plan?.advice.find(({ code }) => code === 'restart-as-good') : undefined;
      place.hidden = advice === undefined;
      text.textContent = advice === undefined ? '' : told(advice.text);
    },
  };
}

/** What the engine found that each method would cost, for the request as it was saved. */
function outlooks(): Section {
  const part = folded(t('What each method would cost, as saved'), () => [drawn('', ({ facts }) => (facts.status === 'ready' ? [wide(t('What each method would cost, as saved'), outlookTable(facts.report.comparison))] : []))]);
  return {
    element: part.element,
    update: (state) => {
      part.element.hidden = state.facts.status !== 'ready';
      part.update(state);
    },
  };
}

function outlookTable(comparison: readonly MethodOutlook[]): HTMLElement {
  const rows = comparison.map(({ method, unavailable, noiseToInitialScale, distanceToRestart, epochs }) => {
    const name = methods.find((known) => known.name === method)?.text ?? method;
    if (unavailable !== undefined) return [name, told(unavailable), '', ''];
    return [name, noiseToInitialScale === undefined ? '' : `${format(noiseToInitialScale, 3)} ×`, distanceToRestart === undefined ? '' : distanceToRestart === 0 ? t('none: it is exact') : t('at most {0}', percent(distanceToRestart)), epochs === undefined ? '' : format(epochs, 3)];
  });
  return table(t('At the same target; radii as one would begin with them'), [t('Method'), t('Noise over the scale of a fresh start'), t('What it can keep that a restart does not'), t('Passes over the data')], rows);
}

function methodChoice(actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const field = new Field({
    label: t('Method'),
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
  const control = button(t('Suggest Parameters'), () => {
    const epsilon = latest?.document?.planned?.target.epsilon;
    const delta = latest?.document?.planned?.target.delta;
    if (latest?.facts.status !== 'ready' || epsilon === undefined || delta === undefined) return;
    actions.edit({ path: ['method'], value: suggestMethod() });
  }, { secondary: true });
  control.title = t('From the target and the shapes of the model alone: nothing is looked at, so it costs no privacy.');
  control.classList.add('beside-field');
  return {
    element: control,
    update: (state) => {
      latest = state;
      control.disabled = state.facts.status !== 'ready' || state.document?.planned?.target.epsilon === undefined;
    },
  };
}
