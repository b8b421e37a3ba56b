import { Language } from '../../language';
import type { Content, CoverageRow, Description } from '../describe';
import { Paper, type Fonts } from './paper';
import { figureHeight, scheduleFigure, type PrintedSchedule } from './schedule-figure';

export interface PrintedCertificate {
  /** Name of the file. */
  readonly name: string;
  readonly description: Description;
  /** Fingerprint of the signing key; with an unknown signature only what the file says. */
  readonly signer: string | undefined;
  /** Recomputed from the certificate; undefined where its accounting does not hold. */
  readonly schedule: PrintedSchedule | undefined;
  /** When it was verified: a printed verdict is as old as the print. */
  readonly verifiedOn: Date;
  /** Of the print; English unless given. What was signed stays as it is. */
  readonly language?: Language | undefined;
}

/** Rows that a table has at most; the file has all. */
const maximumRows = 40;

/** A verified certificate as a PDF for the file of a case: one or two pages for most models, tagged for screen readers, nothing in it but text and lines. */
export async function certificatePdf({ name, description, signer, schedule, verifiedOn, language = new Language('en') }: PrintedCertificate, fonts: Fonts): Promise<Uint8Array> {
  const { title, outcome, summary, verdicts, unverified, content } = description;
  const told = (english: string): string => language.told(english);
  const words = { pass: `✔ ${language.t('holds')}`, fail: `✘ ${language.t('fails')}`, unknown: `? ${language.t('not checked')}`, asserted: language.t('asserted by the signer') };
  const outcomes = { verified: language.t('Verified'), refuted: language.t('Does not hold'), open: language.t('Not fully checked') };
  const paper = new Paper(`${told(title)}: ${name}`, fonts, language.tag);
  paper.title(told(title));
  paper.paragraph(language.t('{0}, verified on {1}. What counts is the file: this print is for reading, and anyone can verify the file again.', name, verifiedOn.toISOString()), { muted: true });
  if (language.tag !== 'en') paper.paragraph(language.t('What was signed is in English; this is its translation.'), { muted: true });
  paper.paragraph(`${outcomes[outcome]}. ${told(summary)}`, { bold: true });
  paper.table(language.t('What was checked, and what cannot be'), [language.t('Check'), language.t('Verdict'), language.t('Detail')], verdicts.map(({ name: check, status, detail }) => [told(check), words[status], told(detail)]), [3, 2, 6]);
  if (signer !== undefined) paper.paragraph(language.t('Key fingerprint: SHA-256 {0}', signer), { muted: true });
  if (content !== undefined) {
    if (unverified) paper.paragraph(language.t('Not validly signed: nothing below may be relied on.'), { bold: true });
    write(paper, content, schedule, language);
  }
  return paper.finish();
}

function write(paper: Paper, content: Content, schedule: PrintedSchedule | undefined, language: Language): void {
  const { forgotten, guarantee, notGuaranteed, metrics, files, assumptions, facts, coverage } = content;
  const told = (english: string): string => language.told(english);
  const number = (text: string): string => language.number(text);
  paper.heading(language.t('What was forgotten'));
  paper.list(limited(forgotten).map(told));
  paper.heading(language.t('What is guaranteed'));
  paper.list(guarantee.map(told));
  paper.heading(language.t('What is not guaranteed'));
  paper.list(limited(notGuaranteed).map(told));
  paper.heading(language.t('Noise schedule'), schedule === undefined ? 0 : figureHeight + 10);
  if (schedule === undefined || schedule.points.length === 0) {
    paper.paragraph(schedule === undefined ? language.t('Not drawn, since the accounting could not be confirmed.') : language.t('The method has no noise step by step.'), { muted: true });
  } else {
    const { alternative, draw } = scheduleFigure(schedule, language);
    paper.figure(alternative, figureHeight, draw);
  }
  paper.heading(language.t('The released model'));
  paper.table(language.t('Measured on the released model'), [language.t('Data'), language.t('Records'), language.t('Loss'), language.t('Accuracy')], metrics.map(({ data, records, loss, accuracy }) => [told(data), number(String(records)), number(short(loss)), accuracy === undefined ? '' : number(`${(100 * accuracy).toFixed(2)} %`)]), [3, 2, 2, 2]);
  paper.table(language.t('Files'), [language.t('File'), 'SHA-256', language.t('At hand')], limited(files).map(({ name, sha256, state }) => [name, sha256, told(state)]), [3, 7, 2]);
  rest(paper, files, language);
  paper.heading(language.t('Coverage'));
  const rows = coverage.length <= maximumRows ? coverage.map(({ tensor, shape, treatment, why }) => [tensor, shape, told(treatment), told(why)]) : grouped(coverage, language);
  paper.table(language.t('What happened to every tensor'), [language.t('Tensor'), language.t('Shape'), language.t('Treatment'), language.t('Why')], limited(rows), [3, 2, 2, 5]);
  paper.heading(language.t('Assumptions'));
  paper.table(language.t('What the guarantee stands on, and how it was met'), [language.t('No.'), language.t('Assumption'), language.t('How it was met'), language.t('Status')], assumptions.map(({ id, assumption, enforcement, status }) => [String(id), told(assumption), told(enforcement), told(status)]), [1, 6, 6, 2]);
  paper.heading(language.t('The run'));
  paper.table(language.t('Parameters'), [language.t('Fact'), language.t('Value')], limited(facts).map(({ label, value }) => [told(label), told(value)]), [2, 7]);
}

/** Many tensors by what was done to them, and why. */
function grouped(coverage: readonly CoverageRow[], language: Language): string[][] {
  const groups = new Map<string, { readonly row: CoverageRow; tensors: number; numbers: number }>();
  for (const row of coverage) {
    const key = JSON.stringify([row.treatment, row.why]);
    const group = groups.get(key) ?? { row, tensors: 0, numbers: 0 };
    group.tensors += 1;
    group.numbers += row.count ?? 0;
    groups.set(key, group);
  }
  return [...groups.values()].map(({ row: { tensor, treatment, why }, tensors, numbers }) => [tensors === 1 ? tensor : language.t('{0} and {1} more', tensor, language.number(String(tensors - 1))), language.t('{0} numbers', language.number(String(numbers))), language.told(treatment), language.told(why)]);
}

function limited<T>(rows: readonly T[]): readonly T[] {
  return rows.slice(0, maximumRows);
}

function rest(paper: Paper, rows: readonly unknown[], language: Language): void {
  if (rows.length > maximumRows) paper.paragraph(language.plural(rows.length - maximumRows, '{0} more is in the file.', '{0} more are in the file.'), { muted: true });
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
