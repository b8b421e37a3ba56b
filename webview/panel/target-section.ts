import { account } from '../../src/privacy/account';
import { attackerTruePositiveRate } from '../../src/privacy/meaning';
import { button } from '../controls';
import { element } from '../dom';
import { format } from '../numbers';
import { numberCodec } from './codec';
import { Field } from './field';
import { Slider } from './slider';
import { drawn, row, section } from './section';
import type { PanelActions, PanelState, Section } from './state';

const presets = [['Strict', 0.5], ['Usual', 1], ['Moderate', 4], ['Loose', 8]] as const;

export function targetSection(actions: PanelActions): Section {
  const epsilon = ['target', 'epsilon'];
  return section('Target',
    row(
      new Field({ label: 'ε (epsilon)', path: epsilon, help: 'How far the odds may move: at most by a factor of e^ε. Smaller is more private.', codec: numberCodec, narrow: true }, actions),
      new Slider({ label: 'ε on a logarithmic scale', path: epsilon, minimum: 0.05, maximum: 20 }, actions),
      new Field({ label: 'δ (delta)', path: ['target', 'delta'], help: 'The chance, at most, that this does not hold. Well below 1 / (number of records).', codec: numberCodec, narrow: true }, actions),
      new Field({
        label: 'Indistinguishable from',
        path: ['target', 'reference'],
        help: 'What the result is compared with.',
        options: [['retrained', 'the same run on a model that never saw the data'], ['centre', 'the same noise without any training data']],
      }, actions)),
    {
      element: element('div', { class: 'presets', role: 'group', 'aria-label': 'Presets for ε' }, ...presets.map(([name, value]) => button(`${name}: ε = ${value}`, () => actions.edit({ path: epsilon, value }), { secondary: true }))),
      update: () => undefined,
    },
    drawn('meaning', meaning));
}

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
    element('p', {}, `Whoever tests whether the records were ever in the training data, with ${100 * falseAlarms} % false alarms, finds out in at most ${(100 * found).toFixed(1)} % of the cases where they were; guessing finds ${100 * falseAlarms} %.`),
    element('p', { class: 'muted' }, `${mu === undefined ? 'Not Gaussian' : `μ = ${format(mu)}`} against the ${reference} reference, ε = ${format(costs[reference].epsilon)}; the same run against the ${other} reference: ε = ${format(costs[other].epsilon)}; both at δ = ${format(target.delta)}.`),
  ];
}
