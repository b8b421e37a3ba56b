import './common.css';
import './tables.css';
import './model.css';
import type { ErrorData, FromModelPage, ModelReport, ToModelPage } from '../src/protocol/model-messages';
import { begin } from './begin';
import { button } from './controls';
import { element } from './dom';
import { Host } from './host';
import { t, told } from './l10n';
import { buildModelPage } from './model/page-model';
import { certificatesSection, contentSections } from './model/sections';

const host = new Host<{ hears: ToModelPage; says: FromModelPage; remembers: { scroll: number } }>();
const title = element('h1');
const format = element('p', { class: 'muted' });
const unlearn = button(t('Unlearn Data from Model…'), () => host.send({ type: 'unlearn' }));
const restricted = element('p', { class: 'muted', hidden: true }, t('Restricted Mode: nothing is run. Trust this workspace to unlearn from the model.'));
const header = element('header', { hidden: true }, element('div', {}, title, format), element('div', { class: 'buttons' }, unlearn));
const content = element('div', {}, element('p', { class: 'muted', role: 'status' }, t('Reading the model …')));
const certificates = element('div');

host.onMessage((message) => {
  switch (message.type) {
    case 'model':
      show(message.name, message.report);
      break;
    case 'unreadable':
      refuse(message.name, message.error);
      break;
    case 'surroundings':
      unlearn.disabled = !message.trusted;
      restricted.hidden = message.trusted;
      certificates.replaceChildren(certificatesSection(message.certificates, (uri) => host.send({ type: 'certificate', uri })));
  }
});

function show(name: string, report: ModelReport): void {
  head(name, report.format);
  unlearn.hidden = false;
  content.replaceChildren(...contentSections(buildModelPage(report)));
}

function refuse(name: string, { message, field, remedy }: ErrorData): void {
  head(name, '');
  unlearn.hidden = true;
  content.replaceChildren(
    element('p', { class: 'problem', role: 'alert' }, field === undefined ? told(message) : `${field}: ${told(message)}`),
    element('p', {}, told(remedy)));
}

function head(name: string, what: string): void {
  title.textContent = name;
  format.textContent = what;
  header.hidden = false;
}

begin(element('main', {}, header, restricted, content, certificates), host);
