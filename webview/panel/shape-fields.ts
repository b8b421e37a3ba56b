import { dropdown } from '../controls';
import { element } from '../dom';
import { t } from '../l10n';
import { type Codec, NotAValue } from './codec';
import { givenSigma, shapedMethod } from './curve-editor';
import { pointsOf, shapeOfPoints } from './curve-points';
import { Field } from './field';
import { row } from './section';
import type { PanelActions, PanelState, Section } from './state';

/** How the noise and the learning rate go over the steps, and which of noise and ε follows from the other. */
export function shapeFields(actions: PanelActions): Section {
  return row(
    noiseRule(actions),
    shapeField('sigmaShape', t('Noise over the steps'), t('Falling noise is accounted exactly, however it falls.'), actions),
    shapeField('learningRateShape', t('Learning rate over the steps'), t('Early large steps learn; late small ones settle.'), actions));
}

function shapeField(key: 'sigmaShape' | 'learningRateShape', label: string, help: string, actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const codec: Codec = {
    show: (value) => (value === undefined ? 'constant' : typeof value === 'string' ? value : Array.isArray(value) ? 'custom' : String((value as { readonly kind?: unknown }).kind)),
    read: (text) => {
      const method = latest === undefined ? undefined : shapedMethod(latest);
      if (text === 'custom') throw new NotAValue(t('is a list of one weight for each step, which only the text can hold: choose "Open as Text"'));
      if (text === 'warm-up') return { kind: 'warm-up', steps: Math.max(1, Math.round((method?.steps ?? 10) / 10)) };
      // A constant in points is a constant: one of them must differ for there to be something to move.
      if (text === 'points') return shapeOfPoints(pointsOf(method?.[key], method?.steps ?? 2)) ?? { kind: 'points', points: [[0, 1], [0.5, 1], [1, 1]] };
      return text === 'constant' ? undefined : text;
    },
  };
  const field = new Field({
    label, help, codec, path: ['method', key], narrow: true,
    options: [['constant', t('constant')], ['linear', t('falling in a line')], ['geometric', t('falling geometrically')], ['cosine', t('falling as a cosine')], ['warm-up', t('warm-up, then constant')], ['points', t('lines between points')], ['custom', t('as the text says')]],
  }, actions);
  return {
    element: field.element,
    update: (state) => {
      latest = state;
      field.element.hidden = shapedMethod(state) === undefined;
      field.update(state);
    },
  };
}

/** Either σ is scaled until the target is met, or it stays as it is and ε is what comes out. */
function noiseRule(actions: PanelActions): Section {
  let latest: PanelState | undefined;
  const label = t('When the schedule changes');
  const control = dropdown({ label, options: [['scaled', t('scale the noise, keep ε')], ['given', t('keep the noise, ε follows')]] });
  control.dataset['rule'] = 'noise';
  control.addEventListener('change', () => {
    const { plan, document } = latest ?? {};
    const planned = document?.planned;
    if (plan === undefined || planned === undefined || control.value === ruleOf(planned.method)) return;
    if (control.value === 'given') actions.edit({ path: ['method', 'sigma'], value: roundedUp(Math.max(...plan.schedule.map(({ sigma }) => sigma))) }, { path: ['target', 'epsilon'], value: undefined });
    else actions.edit({ path: ['target', 'epsilon'], value: planned.target.epsilon ?? roundedUp(plan.costs[plan.reference].epsilon) }, { path: ['method', 'sigma'], value: undefined });
  });
  const place = element('div', { class: 'field' },
    element('span', { class: 'label', 'aria-hidden': 'true' }, label),
    element('div', { class: 'input' }, control),
    element('p', { class: 'help' }, t('Drawn or typed, the schedule is accounted exactly either way.')));
  return {
    element: place,
    update: (state) => {
      latest = state;
      const method = state.document?.planned?.method;
      const rule = ruleOf(method);
      place.hidden = method === undefined || !['gradient-clipping', 'sequential-subspaces', 'model-clipping', 'output-perturbation', 'convex-head'].includes(method.name);
      if (control.value !== rule && !control.matches(':focus-within')) control.value = rule;
    },
  };
}

function ruleOf(method: Parameters<typeof givenSigma>[0] | undefined): 'given' | 'scaled' {
  return method !== undefined && givenSigma(method) !== undefined ? 'given' : 'scaled';
}

/** To four digits, so that what is written still covers what was computed. */
function roundedUp(value: number): number {
  const digits = 10 ** (3 - Math.floor(Math.log10(value)));
  return Number((Math.ceil(value * digits) / digits).toPrecision(4));
}
