import { account } from '../../src/privacy/account';
import { attackerTruePositiveRate } from '../../src/privacy/meaning';
import { button } from '../controls';
import { element } from '../dom';
import { t } from '../l10n';
import { format, percent } from '../numbers';
import { numberCodec } from './codec';
import { Field } from './field';
import { Slider } from './slider';
import { drawn, row, section } from './section';
import type { PanelActions, PanelState, Section } from './state';

const presets = [[t('Strict'), 0.5], [t('Usual'), 1], [t('Moderate'), 4], [t('Loose'), 8]] as const;

export function targetSection(actions: PanelActions): Section {
  const epsilon = ['target', 'epsilon'];
  return section(t('Target'),
    row(
      new Field({ label: t('ε (epsilon)'), path: epsilon, help: t('How far the odds may move: at most by a factor of e^ε. Smaller is more private.'), codec: numberCodec, narrow: true }, actions),
      new Slider({ label: t('ε on a logarithmic scale'), path: epsilon, minimum: 0.05, maximum: 20 }, actions),
      new Field({ label: t('δ (delta)'), path: ['target', 'delta'], help: t('The chance, at most, that this does not hold. Well below 1 / (number of records).'), codec: numberCodec, narrow: true }, actions),
      new Field({
        label: t('Indistinguishable from'),
        path: ['target', 'reference'],
        help: t('What the result is compared with.'),
        options: [['retrained', t('the same run on a model that never saw the data')], ['centre', t('the same noise without any training data')]],
      }, actions)),
    {
      element: element('div', { class: 'presets', role: 'group', 'aria-label': t('Presets for ε') }, ...presets.map(([name, value]) => button(t('{0}: ε = {1}', name, format(value)), () => actions.edit({ path: epsilon, value }), { secondary: true }))),
      update: () => undefined,
    },
    drawn('meaning', meaning));
}

/** The references in a word. */
const names = { retrained: t('retrained'), centre: t('centre') };

/** Rate of false alarms at which the attacker's success is told. */
const falseAlarms = 0.05;

/** What the target means, in words. Attack: Dong, Roth, Su 2022: at false-positive rate α, a μ-GDP result lets at most Φ(Φ⁻¹(α) + μ) through. */
function meaning({ plan }: PanelState): readonly (Node | undefined)[] {
  if (plan === undefined) return [];
  const { costs, reference, target } = plan;
  const { mu } = costs[reference];
  const found = attackerTruePositiveRate(account(plan.mechanism, reference), falseAlarms);
  const other = reference === 'retrained' ? 'centre' : 'retrained';
  return [
    element('p', {}, t('Whoever tests whether the records were ever in the training data, with {0} false alarms, finds out in at most {1} of the cases where they were; guessing finds {0}.', percent(falseAlarms, 0), percent(found, 1))),
    element('p', { class: 'muted' }, t('{0} against the reference "{1}", ε = {2}; the same run against the reference "{3}": ε = {4}; both at δ = {5}.',
      mu === undefined ? t('Not Gaussian') : t('μ = {0}', format(mu)), names[reference], format(costs[reference].epsilon), names[other], format(costs[other].epsilon), format(target.delta))),
  ];
}
