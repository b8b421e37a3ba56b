import { barChart } from '../chart/bars';
import { csvFile, pngFile, svgFile } from '../chart/export';
import type { Schedule } from '../chart/schedule';
import { ScheduleChart } from '../chart/schedule-chart';
import { scheduleTable } from '../chart/schedule-table';
import { button } from '../controls';
import { definitions, element } from '../dom';
import { format } from '../numbers';
import type { Mechanism } from '../../src/privacy/mechanism';
import { stagesOf } from '../../src/privacy/stages';
import { compareSection } from './compare-section';
import { drawn, section } from './section';
import type { PanelActions, PanelState, Section } from './state';

export function scheduleSection(actions: PanelActions): Section {
  return section('Noise schedule',
    drawn('problems', ({ plan, planProblem }) => [plan === undefined && planProblem !== undefined ? element('p', { class: 'problem', role: 'alert' }, planProblem) : undefined]),
    chart(actions),
    drawn('signal', signal),
    compareSection(),
    drawn('advice', ({ plan, facts }) => (plan === undefined || facts.status !== 'ready' || plan.advice.length === 0 ? [] : [
      element('h3', {}, 'Worth knowing'),
      element('ul', {}, ...plan.advice.map(({ text }) => element('li', {}, text))),
    ])));
}

function chart(actions: PanelActions): Section {
  const figure = new ScheduleChart();
  const body = element('div');
  const details = element('details', {}, element('summary', {}, 'As a table'), body);
  let current: Schedule | undefined;
  let pinned: Schedule | undefined;
  const drawTable = (): void => body.replaceChildren(...(details.open && current !== undefined ? [scheduleTable(current)] : []));
  details.addEventListener('toggle', drawTable);
  const draw = (): void => {
    if (current !== undefined) figure.update(current, pinned);
  };
  const save = (name: string, content: () => string | Uint8Array | Promise<Uint8Array>) => (): void => {
    void Promise.resolve(content()).then((bytes) => actions.send({ type: 'save', name, base64: base64(bytes) }));
  };
  const pin = button('Pin for Comparison', () => {
    pinned = pinned === undefined ? current : undefined;
    pin.textContent = pinned === undefined ? 'Pin for Comparison' : 'Unpin';
    draw();
  }, { secondary: true });
  const tools = element('div', { class: 'buttons' }, pin,
    button('Save as SVG', save('noise-schedule.svg', () => (figure.chart === undefined ? '' : svgFile(figure.chart))), { secondary: true }),
    button('Save as PNG', save('noise-schedule.png', () => (figure.chart === undefined ? '' : pngFile(figure.chart))), { secondary: true }),
    button('Save as CSV', save('noise-schedule.csv', () => csvFile(current?.points ?? [])), { secondary: true }));
  const place = element('div', { class: 'schedule' }, figure.element, tools, details);
  return {
    element: place,
    update: ({ plan }) => {
      const empty = plan === undefined || plan.schedule.length === 0;
      place.hidden = empty;
      if (empty) return;
      current = { points: plan.schedule, target: plan.target };
      draw();
      drawTable();
    },
  };
}

function base64(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
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
