import './common.css';
import './tables.css';
import './chart/chart.css';
import './comparison.css';
import { privacySpent } from '../src/plan/privacy-spent';
import type { ComparedCertificate, ComparedRun, ComparisonState, FromComparisonPage, Statement, ToComparisonPage } from '../src/protocol/comparison-messages';
import { begin } from './begin';
import { block } from './block';
import { lossChart, lossTable } from './chart/loss-chart';
import type { Schedule } from './chart/schedule';
import { ScheduleChart } from './chart/schedule-chart';
import { scheduleTable } from './chart/schedule-table';
import { compareCertificates } from './comparison/compare-certificates';
import { compareRuns } from './comparison/compare-runs';
import { sideBySide } from './comparison/side-by-side';
import { button } from './controls';
import { element } from './dom';
import { Host } from './host';
import { t } from './l10n';
import { chartFrame } from './wide';

const host = new Host<{ hears: ToComparisonPage; says: FromComparisonPage; remembers: ComparisonState & { scroll: number } }>();
const page = element('main', {}, element('p', { class: 'muted', role: 'status' }, t('Reading …')));

host.onMessage((message) => {
  host.remember(message.state);
  page.replaceChildren(...contentOf(message));
});

function contentOf(message: ToComparisonPage): readonly (Node | string)[] {
  switch (message.type) {
    case 'unreadable':
      return [element('h1', {}, t('Comparison')), element('p', { class: 'problem', role: 'alert' }, message.reason)];
    case 'certificates':
      return certificates(message.pair);
    case 'runs':
      return runs(message.pair);
  }
}

function header(title: string, names: readonly [string, string], paths: readonly [string, string] = names): HTMLElement {
  return element('header', {},
    element('div', {}, element('h1', {}, title), element('p', { class: 'muted' }, paths.join(' ↔ '))),
    element('div', { class: 'buttons' },
      button(t('Swap Sides'), () => host.send({ type: 'swap' }), { secondary: true }),
      button(t('Open Left'), () => host.send({ type: 'open', which: 0 }), { secondary: true, label: t('Open Left: {0}', names[0]) }),
      button(t('Open Right'), () => host.send({ type: 'open', which: 1 }), { secondary: true, label: t('Open Right: {0}', names[1]) })));
}

function certificates(pair: readonly [ComparedCertificate, ComparedCertificate]): readonly (Node | string)[] {
  const names: readonly [string, string] = [pair[0].name, pair[1].name];
  const doubtful = pair.filter(({ verdicts: [signature] }) => signature?.status !== 'pass');
  return [
    header(t('Two certificates'), names, [pair[0].path, pair[1].path]),
    ...doubtful.map(({ name }) => element('p', { class: 'problem', role: 'alert' }, t('{0} is not validly signed: nothing that it says may be relied on.', name))),
    ...sideBySide(compareCertificates(pair), names),
    scheduleSection(pair, names),
  ];
}

/** Only schedules whose accounting has been recomputed are drawn. */
function scheduleSection(pair: readonly [ComparedCertificate, ComparedCertificate], names: readonly [string, string]): HTMLElement {
  const [left, right] = [drawable(pair[0]), drawable(pair[1])];
  if (left === undefined || right === undefined) return block(t('Noise schedules'), element('p', { class: 'muted' }, t('Not drawn: both need noise step by step, and accounting that holds.')));
  const chart = new ScheduleChart();
  chart.update(left, { name: names[1], schedule: right });
  return block(t('Noise schedules'),
    legend(names),
    chart.element,
    ...names.map((name, index) => element('details', {}, element('summary', {}, t('{0} as a table', name)), scheduleTable(index === 0 ? left : right))));
}

function drawable({ statement, verdicts }: ComparedCertificate): Schedule | undefined {
  const [, , accounting] = verdicts;
  return statement === undefined || accounting?.status !== 'pass' ? undefined : scheduleOf(statement);
}

function scheduleOf({ predicate: { mechanism, guarantee: { epsilon, delta, reference } } }: Statement): Schedule | undefined {
  const points = privacySpent(mechanism, reference, delta);
  return points.length === 0 ? undefined : { points, target: { epsilon, delta } };
}

function legend([left, right]: readonly [string, string]): HTMLElement {
  return element('ul', { class: 'legend' },
    element('li', {}, element('span', { class: 'sample solid', 'aria-hidden': 'true' }), t('{0}: solid lines', left)),
    element('li', {}, element('span', { class: 'sample dashed', 'aria-hidden': 'true' }), t('{0}: dashed lines', right)));
}

function runs(pair: readonly [ComparedRun, ComparedRun]): readonly (Node | string)[] {
  const names: readonly [string, string] = [pair[0].name, pair[1].name];
  const series = pair.map(({ name, report }) => ({ name, losses: report.course?.losses ?? [] })).filter(({ losses }) => losses.length > 0);
  return [
    header(t('Two runs'), names),
    element('p', { class: 'banner private' }, t('Private: it speaks of the original model and of forgotten records. Do not share it.')),
    ...sideBySide(compareRuns(pair), names),
    block(t('Loss'), ...(series.length === 0 ? [element('p', { class: 'muted' }, t('The losses of these runs were not kept.'))] : [
      series.length === 2 ? legend(names) : undefined,
      element('figure', {}, chartFrame(lossChart(series))),
      element('details', {}, element('summary', {}, t('As a table')), lossTable(series))])),
  ];
}

begin(page, host);
