import './common.css';
import './tables.css';
import './chart/chart.css';
import './certificate.css';
import { privacySpent } from '../src/plan/privacy-spent';
import type { CertificateMessage, CertifiedRun, FromCertificatePage, Lineage, ToCertificatePage } from '../src/protocol/certificate-messages';
import { begin } from './begin';
import { block } from './block';
import { contentSections } from './certificate/content';
import { lineageSection } from './certificate/lineage';
import { verdictSection } from './certificate/verdicts';
import type { Schedule } from './chart/schedule';
import { ScheduleChart } from './chart/schedule-chart';
import { scheduleTable } from './chart/schedule-table';
import { button } from './controls';
import { element } from './dom';
import { Host } from './host';
import { t } from './l10n';

const host = new Host<{ hears: ToCertificatePage; says: FromCertificatePage; remembers: { scroll: number } }>();
const page = element('main', {}, element('p', { class: 'muted', role: 'status' }, t('Verifying …')));
const lineage = element('div', {}, block(t('Lineage'), element('p', { class: 'muted' }, t('Being traced …'))));

host.onMessage((message) => {
  switch (message.type) {
    case 'certificate':
      page.replaceChildren(...certificate(message));
      break;
    case 'lineage':
      showLineage(message.lineage);
      break;
    case 'unreadable':
      page.replaceChildren(element('h1', {}, message.name), element('p', { class: 'problem', role: 'alert' }, message.reason));
  }
});

function certificate({ name, description, signer, schedule, report }: CertificateMessage): readonly (Node | string)[] {
  const { content, unverified } = description;
  return [
    element('header', {},
      element('div', {}, element('h1', {}, t('Certificate of unlearning')), element('p', { class: 'muted' }, name)),
      element('div', { class: 'buttons' },
        button(t('Verify Again'), () => host.send({ type: 'verify' }), { secondary: true }),
        button(t('Save as PDF…'), () => host.send({ type: 'pdf' }), { secondary: true }),
        button(t('Copy as Markdown'), () => host.send({ type: 'copy' }), { secondary: true }),
        button(t('Compare…'), () => host.send({ type: 'compare' }), { secondary: true }),
        ...(report ? [button(t('Private Report'), () => host.send({ type: 'show', what: 'report' }), { secondary: true })] : []),
        button(t('Open as Text'), () => host.send({ type: 'show', what: 'text' }), { secondary: true }))),
    verdictSection(description, signer),
    ...(content === undefined ? [] : [
      ...(unverified ? [element('p', { class: 'problem banner', role: 'alert' }, t('Not validly signed: nothing below may be relied on.'))] : []),
      ...contentSections(content, schedule === undefined ? undefined : scheduleFigure(schedule), lineage),
    ]),
  ];
}

function showLineage(traced: Lineage | undefined): void {
  lineage.replaceChildren(lineageSection(traced, (path) => host.send({ type: 'open', path })));
}

/** Drawn from the accounting recomputed here, not from anything that the file says about it. */
function scheduleFigure({ mechanism, reference, target }: CertifiedRun): HTMLElement {
  const points = (range?: readonly [first: number, last: number]): Schedule['points'] => privacySpent(mechanism, reference, target.delta, undefined, range);
  const schedule: Schedule = { points: points(), target, detail: (first, last) => points([first, last]) };
  const chart = new ScheduleChart();
  chart.update(schedule);
  return element('div', {}, chart.element, element('details', {}, element('summary', {}, t('As a table')), scheduleTable(schedule)));
}

begin(page, host);
