import { barChart } from '../chart/bars';
import { ScheduleChart } from '../chart/schedule-chart';
import { scheduleTable } from '../chart/schedule-table';
import { definitions, element } from '../dom';
import { format } from '../numbers';
import type { Mechanism } from '../../src/privacy/mechanism';
import { stagesOf } from '../../src/privacy/stages';
import { drawn, section } from './section';
import type { PanelState, Section } from './state';

export function scheduleSection(): Section {
  return section('Noise schedule',
    drawn('problems', ({ plan, planProblem }) => [plan === undefined && planProblem !== undefined ? element('p', { class: 'problem', role: 'alert' }, planProblem) : undefined]),
    chart(),
    drawn('signal', signal),
    drawn('advice', ({ plan, facts }) => (plan === undefined || facts.status !== 'ready' || plan.advice.length === 0 ? [] : [
      element('h3', {}, 'Worth knowing'),
      element('ul', {}, ...plan.advice.map(({ text }) => element('li', {}, text))),
    ])));
}

function chart(): Section {
  const figure = new ScheduleChart();
  const body = element('div');
  const details = element('details', {}, element('summary', {}, 'As a table'), body);
  let drawTable = (): void => undefined;
  details.addEventListener('toggle', () => drawTable());
  return {
    element: element('div', { class: 'schedule' }, figure.element, details),
    update: ({ plan }) => {
      const empty = plan === undefined || plan.schedule.length === 0;
      figure.element.hidden = details.hidden = empty;
      if (empty) return;
      const schedule = { points: plan.schedule, target: plan.target };
      figure.update(schedule);
      drawTable = () => body.replaceChildren(...(details.open ? [scheduleTable(schedule)] : []));
      drawTable();
    },
  };
}

/** σ, or its range where it is not the same throughout; undefined where there is none. */
function sigmas(mechanism: Mechanism): string | undefined {
  const all = stagesOf(mechanism).flatMap(({ steps }) => steps.map(({ sigma }) => sigma));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return all.length === 0 ? undefined : least === most ? format(most, 6) : `${format(least, 4)} to ${format(most, 4)}`;
}

/** Noise against what is left of the trained weights, and against what an untrained model looks like. */
function signal({ plan, facts }: PanelState): readonly (Node | undefined)[] {
  if (plan === undefined) return [];
  const { mechanism, signal: { noise, remaining, dimension, initialScale, signalToNoise } } = plan;
  const known = facts.status === 'ready';
  return [
    definitions([
      ['σ at each step', sigmas(mechanism)],
      ['Passes over the retain set', known ? `${format(plan.epochs.noisy, 3)} noisy, then ${format(plan.epochs.recovery, 3)} to recover` : undefined],
      ['Noise on each coordinate in the end', format(noise)],
      ['Scale of a fresh initialisation', known ? format(initialScale) : undefined],
    ]),
    known ? barChart([
      { label: 'norm of all noise', value: noise * Math.sqrt(dimension), name: 'noise' },
      { label: 'left of the weights, at most', value: remaining, name: 'signal' },
    ], 'Total noise against what is left of the weights') : undefined,
    known ? element('p', { class: 'muted' }, `What is left of the trained weights is at most ${format(100 * signalToNoise, 2)} % of the noise.`) : undefined,
  ];
}
