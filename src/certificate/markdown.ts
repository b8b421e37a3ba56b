import type { Content, Description } from './describe';

/** The description as Markdown. Nothing from the certificate can become a link, an image, HTML or a table cell of its own. */
export function toMarkdown(description: Description): string {
  const { title, summary, verdicts, unverified, content } = description;
  return [
    `# ${escape(title)}`,
    escape(summary),
    table(['Check', 'Verdict', 'Detail'], verdicts.map(({ name, status, detail }) => [name, status, detail])),
    ...(content === undefined ? [] : [...(unverified ? ['**Not validly signed: nothing below may be relied on.**'] : []), ...sections(content)]),
  ].join('\n\n') + '\n';
}

function sections(content: Content): string[] {
  return [
    '## What was forgotten', list(content.forgotten),
    '## What is guaranteed', list(content.guarantee),
    '## What is not guaranteed', list(content.notGuaranteed),
    '## The released model', table(['File', 'SHA-256', 'State'], content.files.map(({ name, sha256, state }) => [name, sha256, state])),
    table(['Measured on', 'Records', 'Loss', 'Accuracy'], content.metrics.map(({ data, records, loss, accuracy }) => [data, String(records), String(loss), accuracy === undefined ? '' : String(accuracy)])),
    '## The run', table(['Fact', 'Value'], content.facts.map(({ label, value }) => [label, value])),
    table(['Steps', 'Learning rate', 'Decay', 'Gradient radius', 'Model radius', 'Noise σ'], content.schedule.map(({ block, first, last, learningRate, decay, gradientRadius, modelRadius, sigma }) =>
      [`${block === undefined ? '' : `${block}, `}${first} to ${last}`, ...[learningRate, decay, gradientRadius ?? 'none', modelRadius ?? 'none', sigma].map(String)])),
    '## Coverage', table(['Tensor', 'Shape', 'Numbers', 'Treatment', 'Why'], content.coverage.map(({ tensor, shape, count, treatment, why }) => [tensor, shape, count === undefined ? '' : String(count), treatment, why])),
    '## Assumptions', table(['No.', 'Assumption', 'How it was met', 'Status'], content.assumptions.map(({ id, assumption, enforcement, status }) => [String(id), assumption, enforcement, status])),
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
