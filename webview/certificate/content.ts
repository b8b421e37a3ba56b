import type { Content } from '../../src/protocol/certificate-messages';
import { block } from '../block';
import { definitions, element, table } from '../dom';
import { count, format, percent } from '../numbers';

/** More rows than anyone reads are counted, not drawn: a certificate may come from a stranger. */
const maximumRows = 500;

/** What a certificate says, from what matters to all to what matters to an auditor. */
export function contentSections(content: Content, schedule: HTMLElement | undefined): readonly HTMLElement[] {
  const { forgotten, guarantee, notGuaranteed, facts, coverage, assumptions, metrics, files } = content;
  return [
    block('What was forgotten', list(forgotten)),
    block('What is guaranteed', list(guarantee)),
    block('What is not guaranteed', list(notGuaranteed)),
    block('The released model',
      table('Measured on the released model', ['Data', 'Records', 'Loss', 'Accuracy'], metrics.map(({ data, records, loss, accuracy }) => [data, count(records), format(loss), accuracy === undefined ? '' : percent(accuracy)])),
      table('Files', ['File', 'SHA-256', 'At hand'], limited(files).map(({ name, sha256, state }) => [name, sha256, state])),
      omitted(files)),
    block('Noise schedule', schedule ?? element('p', { class: 'muted' }, 'Not drawn, since the accounting could not be confirmed.'), scheduleRows(content)),
    block('Coverage', element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': 'Coverage of the tensors' },
      table('What happened to every tensor', ['Tensor', 'Shape', 'Numbers', 'Treatment', 'Why'], limited(coverage).map(({ tensor, shape, count: numbers, treatment, why }) => [tensor, shape, numbers === undefined ? '' : count(numbers), treatment, why])),
      omitted(coverage))),
    block('Assumptions', table('What the guarantee stands on, and how it was met', ['No.', 'Assumption', 'How it was met', 'Status'], assumptions.map(({ id, assumption, enforcement, status }) => [String(id), assumption, enforcement, status]))),
    block('The run', definitions(facts.map(({ label, value }) => [label, value]))),
  ];
}

function scheduleRows({ schedule }: Content): HTMLElement {
  return element('div', {},
    table('As certified', ['Steps', 'Learning rate γ', 'Decay λ', 'Gradient radius C₁', 'Model radius C₂', 'Noise σ'],
      limited(schedule).map(({ block, first, last, learningRate, decay, gradientRadius, modelRadius, sigma }) =>
        [`${block === undefined ? '' : `${block}, `}${count(first)} to ${count(last)}`, ...[learningRate, decay, gradientRadius, modelRadius, sigma].map((value) => (value === undefined ? 'none' : format(value, 8)))])),
    omitted(schedule));
}

function list(sentences: readonly string[]): HTMLElement {
  return element('ul', {}, ...limited(sentences).map((sentence) => element('li', {}, sentence)));
}

function limited<T>(rows: readonly T[]): readonly T[] {
  return rows.slice(0, maximumRows);
}

function omitted(rows: readonly unknown[]): HTMLElement | undefined {
  return rows.length <= maximumRows ? undefined : element('p', { class: 'muted' }, `${count(rows.length - maximumRows)} more are in the file.`);
}
