import type { Content } from '../../src/protocol/certificate-messages';
import { block } from '../block';
import { definitions, element, table } from '../dom';
import { plural, t, told } from '../l10n';
import { count, format, percent } from '../numbers';
import { wide } from '../wide';

/** More rows than anyone reads are counted, not drawn: a certificate may come from a stranger. */
const maximumRows = 500;

/** What a certificate says, from what matters to all to what matters to an auditor. */
export function contentSections(content: Content, schedule: HTMLElement | undefined, lineage: HTMLElement): readonly HTMLElement[] {
  const { forgotten, guarantee, notGuaranteed, facts, coverage, assumptions, metrics, files } = content;
  return [
    block(t('What was forgotten'), list(forgotten)),
    block(t('What is guaranteed'), list(guarantee)),
    block(t('What is not guaranteed'), list(notGuaranteed)),
    block(t('The released model'),
      wide(t('Measured on the released model'), table(t('Measured on the released model'), [t('Data'), t('Records'), t('Loss'), t('Accuracy')], metrics.map(({ data, records, loss, accuracy }) => [told(data), count(records), format(loss), accuracy === undefined ? '' : percent(accuracy)]))),
      wide(t('Files'), table(t('Files'), [t('File'), 'SHA-256', t('At hand')], limited(files).map(({ name, sha256, state }) => [name, sha256, told(state)]))),
      omitted(files)),
    lineage,
    block(t('Noise schedule'), schedule ?? element('p', { class: 'muted' }, t('Not drawn, since the accounting could not be confirmed.')), scheduleRows(content)),
    block(t('Coverage'), element('div', { class: 'scrolling', tabindex: 0, role: 'region', 'aria-label': t('Coverage of the tensors') },
      table(t('What happened to every tensor'), [t('Tensor'), t('Shape'), t('Numbers'), t('Treatment'), t('Why')], limited(coverage).map(({ tensor, shape, count: numbers, treatment, why }) => [tensor, shape, numbers === undefined ? '' : count(numbers), told(treatment), told(why)])),
      omitted(coverage))),
    block(t('Assumptions'), wide(t('Assumptions'), table(t('What the guarantee stands on, and how it was met'), [t('No.'), t('Assumption'), t('How it was met'), t('Status')], assumptions.map(({ id, assumption, enforcement, status }) => [String(id), told(assumption), told(enforcement), told(status)])))),
    block(t('The run'), definitions(facts.map(({ label, value }) => [told(label), told(value)]))),
  ];
}

function scheduleRows({ schedule }: Content): HTMLElement {
  return element('div', {},
    wide(t('As certified'), table(t('As certified'), [t('Steps'), t('Learning rate γ'), t('Decay λ'), t('Gradient radius C₁'), t('Model radius C₂'), t('Noise σ')],
      limited(schedule).map(({ block: tensor, first, last, learningRate, decay, gradientRadius, modelRadius, sigma }) => {
        const steps = t('{0} to {1}', count(first), count(last));
        return [tensor === undefined ? steps : `${tensor}, ${steps}`, ...[learningRate, decay, gradientRadius, modelRadius, sigma].map((value) => (value === undefined ? t('none') : format(value, 8)))];
      }))),
    omitted(schedule));
}

function list(sentences: readonly string[]): HTMLElement {
  return element('ul', {}, ...limited(sentences).map((sentence) => element('li', {}, told(sentence))));
}

function limited<T>(rows: readonly T[]): readonly T[] {
  return rows.slice(0, maximumRows);
}

function omitted(rows: readonly unknown[]): HTMLElement | undefined {
  return rows.length <= maximumRows ? undefined : element('p', { class: 'muted' }, plural(rows.length - maximumRows, '{0} more is in the file.', '{0} more are in the file.'));
}
