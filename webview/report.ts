import './common.css';
import './tables.css';
import './chart/chart.css';
import './report.css';
import type { FromReportPage, RunReport, ToReportPage } from '../src/protocol/report-messages';
import { begin } from './begin';
import { button } from './controls';
import { element } from './dom';
import { Host } from './host';
import { t } from './l10n';
import { reportSections } from './report/sections';

const host = new Host<{ hears: ToReportPage; says: FromReportPage; remembers: { scroll: number } }>();
const page = element('main', {}, element('p', { class: 'muted', role: 'status' }, t('Reading …')));

host.onMessage((message) => {
  page.replaceChildren(...(message.type === 'report' ? report(message.name, message.report, message.certificate) : [
    element('h1', {}, t('Private report of a run')),
    element('p', { class: 'problem', role: 'alert' }, message.reason),
    button(t('Open as Text'), () => host.send({ type: 'show', what: 'text' }), { secondary: true }),
  ]));
});

function report(name: string, content: RunReport, certificate: string | undefined): readonly HTMLElement[] {
  return [
    element('header', {},
      element('div', {}, element('h1', {}, t('Private report of a run')), element('p', { class: 'muted' }, name)),
      element('div', { class: 'buttons' },
        ...(certificate === undefined ? [] : [button(t('Show Certificate'), () => host.send({ type: 'show', what: 'certificate' }), { label: t('Show Certificate: {0}', certificate) })]),
        button(t('Open as Text'), () => host.send({ type: 'show', what: 'text' }), { secondary: true }))),
    element('p', { class: 'banner private' }, t('Private: it speaks of the original model and of forgotten records, and says what the noise is there to hide. It is not on the certificate; do not share it.')),
    ...reportSections(content),
  ];
}

begin(page, host);
