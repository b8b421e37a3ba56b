import { noiseToInitialScale, usualScale } from '../../src/privacy/meaning';
import type { Plan, PlanFacts } from '../../src/plan/plan';
import { type Bar, barChart } from '../chart/bars';
import { definitions, element, table } from '../dom';
import { t } from '../l10n';
import { format } from '../numbers';
import { stagesOf } from '../../src/privacy/stages';
import { chartFrame } from '../wide';
import type { PanelState } from './state';

/** Layers with the most noise for their size; all are in the table. */
const layersDrawn = 12;

/** Noise against what is left of the trained weights, and against what an untrained model looks like, layer by layer. */
export function signal({ plan, facts }: PanelState): readonly (Node | undefined)[] {
  if (plan === undefined) return [];
  const { costs, reference, target, signal: { noise, remaining, dimension, initialScale, signalToNoise } } = plan;
  const known = facts.status === 'ready';
  return [
    definitions([
      [t('ε of the whole schedule'), plan.schedule.length === 0 ? undefined : t('{0} at δ = {1}', format(costs[reference].epsilon, 6), format(target.delta))],
      [t('σ at each step'), sigmas(plan)],
      [t('Passes over the retain set'), known ? t('{0} noisy, then {1} to recover', format(plan.epochs.noisy, 3), format(plan.epochs.recovery, 3)) : undefined],
      [t('Noise on each coordinate in the end'), format(noise)],
      [t('Scale of a fresh initialisation'), known ? format(initialScale) : undefined],
    ]),
    ...(known ? [
      ...bars(t('Total noise against what is left of the weights'), t('Norm'), [
        { label: t('norm of all noise'), value: noise * Math.sqrt(dimension), name: 'noise' },
        { label: t('left of the weights, at most'), value: remaining, name: 'signal' },
      ]),
      element('p', { class: 'muted' }, t('What is left of the trained weights is at most {0} % of the noise.', format(100 * signalToNoise, 2))),
      ...layers(plan, facts.report.facts),
    ] : []),
  ];
}

/** The noise in the end over each layer's own initial scale. */
function layers(plan: Plan, { tensors }: PlanFacts): readonly Node[] {
  if (plan.mechanism.method === 'retrain') return [];
  const weights = tensors.flatMap(({ name, count, fanIn }) => (fanIn === undefined ? [] : [{ name, count, initialScale: usualScale(fanIn) }]));
  const ratios = plan.signal.layers?.flatMap(({ name, noise, initialScale }) => (initialScale === undefined ? [] : [{ name, ratio: noise / initialScale }])) ?? noiseToInitialScale(plan.signal.noise, weights);
  if (ratios.length === 0) return [];
  const most = [...ratios].sort((a, b) => b.ratio - a.ratio).slice(0, layersDrawn).map(({ name }) => name);
  const shown = ratios.filter(({ name }) => most.includes(name)).map(({ name, ratio }): Bar => ({ label: name, value: ratio, name: 'noise' }));
  const title = t('Noise in the end over each layer\'s initial scale: 1 is as much as a fresh start has');
  return bars(title, t('Noise over initial scale'), shown, { mark: 1, all: ratios.map(({ name, ratio }) => [name, format(ratio)]) });
}

/** Titles whose tables are open: they stay so when everything is drawn anew. */
const open = new Set<string>();

/** Bars, and the same as a table that can be opened. */
function bars(title: string, quantity: string, shown: readonly Bar[], { mark, all = shown.map(({ label, value }) => [label, format(value)]) }: { readonly mark?: number; readonly all?: readonly (readonly string[])[] } = {}): readonly Node[] {
  const details = element('details', { open: open.has(title) }, element('summary', {}, t('As a table')), element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': title }, table(title, [t('What'), quantity], all)));
  details.addEventListener('toggle', () => (details.open ? open.add(title) : open.delete(title)));
  return [element('h3', {}, title), chartFrame(barChart(shown, title, mark)), details];
}

/** σ, or its range where it is not the same throughout; undefined where there is none. */
function sigmas({ mechanism }: Plan): string | undefined {
  let [least, most] = [Infinity, -Infinity];
  for (const { steps } of stagesOf(mechanism)) {
    for (const { sigma } of steps) [least, most] = [Math.min(least, sigma), Math.max(most, sigma)];
  }
  return most < least ? undefined : least === most ? format(most, 6) : t('{0} to {1}', format(least, 4), format(most, 4));
}
