import { Language } from '../language';
import type { Content, Description } from './describe';

/** The description as Markdown. Nothing from the certificate can become a link, an image, HTML or a table cell of its own. */
export function toMarkdown(description: Description, language = new Language('en')): string {
  const { title, summary, verdicts, unverified, content } = description;
  const told = (english: string): string => language.told(english);
  return [
    `# ${escape(told(title))}`,
    escape(told(summary)),
    table([language.t('Check'), language.t('Verdict'), language.t('Detail')], verdicts.map(({ name, status, detail }) => [told(name), told(status), told(detail)])),
    ...(content === undefined ? [] : [...(unverified ? [`**${language.t('Not validly signed: nothing below may be relied on.')}**`] : []), ...sections(content, language)]),
  ].join('\n\n') + '\n';
}

function sections(content: Content, language: Language): string[] {
  const told = (english: string): string => language.told(english);
  const number = (value: number): string => language.number(String(value));
  return [
    `## ${language.t('What was forgotten')}`, list(content.forgotten.map(told)),
    `## ${language.t('What is guaranteed')}`, list(content.guarantee.map(told)),
    `## ${language.t('What is not guaranteed')}`, list(content.notGuaranteed.map(told)),
    `## ${language.t('The released model')}`, table([language.t('File'), 'SHA-256', language.t('State')], content.files.map(({ name, sha256, state }) => [name, sha256, told(state)])),
    table([language.t('Measured on'), language.t('Records'), language.t('Loss'), language.t('Accuracy')], content.metrics.map(({ data, records, loss, accuracy }) => [told(data), number(records), number(loss), accuracy === undefined ? '' : number(accuracy)])),
    `## ${language.t('The run')}`, table([language.t('Fact'), language.t('Value')], content.facts.map(({ label, value }) => [told(label), told(value)])),
    table([language.t('Steps'), language.t('Learning rate'), language.t('Decay'), language.t('Gradient radius'), language.t('Model radius'), language.t('Noise σ')], content.schedule.map(({ block, first, last, learningRate, decay, gradientRadius, modelRadius, sigma }) =>
      [`${block === undefined ? '' : `${block}, `}${language.t('{0} to {1}', number(first), number(last))}`, ...[learningRate, decay, gradientRadius, modelRadius, sigma].map((value) => (value === undefined ? language.t('none') : number(value)))])),
    `## ${language.t('Coverage')}`, table([language.t('Tensor'), language.t('Shape'), language.t('Numbers'), language.t('Treatment'), language.t('Why')], content.coverage.map(({ tensor, shape, count, treatment, why }) => [tensor, shape, count === undefined ? '' : number(count), told(treatment), told(why)])),
    `## ${language.t('Assumptions')}`, table([language.t('No.'), language.t('Assumption'), language.t('How it was met'), language.t('Status')], content.assumptions.map(({ id, assumption, enforcement, status }) => [String(id), told(assumption), told(enforcement), told(status)])),
  ];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${escape(item)}`).join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows.map((row) => row.map(escape))].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Backslash before every character that Markdown reads, entities for those that HTML reads, and no address that would link itself. */
function escape(text: string): string {
  return text
    .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replace(/^[-+]/, '\\$&')
    .replace(/:\/\//g, ':\\//').replace(/www\./gi, (start) => start.replace('.', '\\.'))
    .replace(/@/g, '&#64;')
    .replace(/[\r\n]+/g, ' ');
}
