import { planRun, type Plan } from '../../src/plan/plan';
import { UserError } from '../../src/error';
import { exactNoiseMultiplier, paperFormulaHolds, paperNoiseMultiplier, renyiNoiseMultiplier } from '../../src/privacy/comparison';
import { PrivacyError } from '../../src/privacy/privacy-error';
import type { Planned } from '../../src/protocol/panel-messages';
import { element, table } from '../dom';
import { t, told } from '../l10n';
import { format } from '../numbers';
import { wide } from '../wide';
import { methods } from './methods';
import { type MethodName, switchedMethod } from './method-switch';
import type { PanelState, Section } from './state';

/** How long the fields must be quiet before the other methods are calibrated, in milliseconds. */
const settle = 200;

/** The same target by other methods and by other accounting; worked out only while it is open. */
export function compareSection(): Section {
  const body = element('div');
  const details = element('details', {}, element('summary', {}, t('Compare with other methods and formulas at this target')), body);
  let latest: PanelState | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = (): void => {
    if (details.open && latest !== undefined) body.replaceChildren(...comparison(latest));
  };
  details.addEventListener('toggle', draw);
  return {
    element: details,
    update: (state) => {
      latest = state;
      details.hidden = state.plan === undefined || state.facts.status !== 'ready';
      clearTimeout(timer);
      timer = setTimeout(draw, settle);
    },
  };
}

/** What another method would do at the same target, with the parameters that it shares with the one of the request, or why it cannot. */
export function otherPlan({ document, facts, plan }: PanelState, name: MethodName): Plan | string {
  const planned = document?.planned;
  if (planned === undefined || facts.status !== 'ready') return t('The model is not read yet.');
  // Where σ is given and ε follows, what follows is what the others must meet.
  const target = { ...planned.target, epsilon: planned.target.epsilon ?? plan?.target.epsilon };
  const method = name === planned.method.name ? planned.method : switchedMethod(planned.method, name) as Planned['method'];
  return tryPlan(() => planRun({ ...planned, target, method: withDefaults(method) }, facts.report.facts));
}

function comparison(state: PanelState): readonly Node[] {
  const { plan } = state;
  if (plan === undefined || state.facts.status !== 'ready') return [];
  const rows = methods.map(({ name, text }) => {
    const other = otherPlan(state, name);
    return typeof other === 'string' ? [text, other, '', ''] : [text, bound(other), format(other.signal.noise * Math.sqrt(other.signal.dimension)), format(other.signal.remaining)];
  });
  const { target } = plan;
  const tables: Node[] = [wide(t('Methods'), table(t('Methods, each with the parameters that it shares with this one'), [t('Method'), 'ε', t('Norm of all noise'), t('Left of the weights, at most')], rows))];
  if (target.epsilon > 0 && target.delta > 0) tables.push(formulas(target));
  return tables;
}

/** Total noise as a multiple of how far two runs can be apart: the same for every constant schedule, so these are ratios of σ. */
function formulas(target: Plan['target']): HTMLElement {
  const exact = exactNoiseMultiplier(target);
  const row = (name: string, value: number): readonly string[] => [name, format(value), `${format(value / exact, 3)} ×`];
  return wide(t('Formulas'), table(t('Accounting of the same schedule: noise needed, in units of the distance that it must hide'), [t('Formula'), t('Noise'), t('Against exact')], [
    row(t('exact (used here)'), exact),
    row(t('best Rényi conversion'), renyiNoiseMultiplier(target)),
    row(paperFormulaHolds(target) ? t('closed form of the paper') : t('closed form of the paper (not proven at this ε)'), paperNoiseMultiplier(target)),
  ]));
}

function bound({ target, noise }: Plan): string {
  return noise === 'exact' ? t('exact: 0') : format(target.epsilon);
}

/** What the request's schema would fill in. */
function withDefaults(method: Planned['method']): Planned['method'] {
  return { batchSize: 128, noiseScale: 0.5, gradientShare: 0.5, ...(method.name === 'model-clipping' ? { decay: 0 } : {}), ...method } as Planned['method'];
}

function tryPlan(make: () => Plan): Plan | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof PrivacyError || error instanceof UserError) return told(error.message);
    throw error;
  }
}
