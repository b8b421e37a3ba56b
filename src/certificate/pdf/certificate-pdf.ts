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
}

/** Rows that a table has at most; the file has all. */
const maximumRows = 40;

const words: Readonly<Record<Description['verdicts'][number]['status'], string>> = { pass: '✔ holds', fail: '✘ fails', unknown: '? not checked', asserted: 'asserted by the signer' };
const outcomes: Readonly<Record<Description['outcome'], string>> = { verified: 'Verified', refuted: 'Does not hold', open: 'Not fully checked' };

/** A verified certificate as a PDF for the file of a case: one or two pages for most models, tagged for screen readers, nothing in it but text and lines. */
export async function certificatePdf({ name, description, signer, schedule, verifiedOn }: PrintedCertificate, fonts: Fonts): Promise<Uint8Array> {
  const { title, outcome, summary, verdicts, unverified, content } = description;
  const paper = new Paper(`${title}: ${name}`, fonts);
  paper.title(title);
  paper.paragraph(`${name}, verified on ${verifiedOn.toISOString()}. What counts is the file: this print is for reading, and anyone can verify the file again.`, { muted: true });
  paper.paragraph(`${outcomes[outcome]}. ${summary}`, { bold: true });
  paper.table('What was checked, and what cannot be', ['Check', 'Verdict', 'Detail'], verdicts.map(({ name: check, status, detail }) => [check, words[status], detail]), [3, 2, 6]);
  if (signer !== undefined) paper.paragraph(`Key fingerprint: SHA-256 ${signer}`, { muted: true });
  if (content !== undefined) {
    if (unverified) paper.paragraph('Not validly signed: nothing below may be relied on.', { bold: true });
    write(paper, content, schedule);
  }
  return paper.finish();
}

function write(paper: Paper, content: Content, schedule: PrintedSchedule | undefined): void {
  const { forgotten, guarantee, notGuaranteed, metrics, files, assumptions, facts, coverage } = content;
  paper.heading('What was forgotten');
  paper.list(limited(forgotten));
  paper.heading('What is guaranteed');
  paper.list(guarantee);
  paper.heading('What is not guaranteed');
  paper.list(limited(notGuaranteed));
  paper.heading('Noise schedule', schedule === undefined ? 0 : figureHeight + 10);
  if (schedule === undefined || schedule.points.length === 0) {
    paper.paragraph(schedule === undefined ? 'Not drawn, since the accounting could not be confirmed.' : 'The method has no noise step by step.', { muted: true });
  } else {
    const { alternative, draw } = scheduleFigure(schedule);
    paper.figure(alternative, figureHeight, draw);
  }
  paper.heading('The released model');
  paper.table('Measured on the released model', ['Data', 'Records', 'Loss', 'Accuracy'], metrics.map(({ data, records, loss, accuracy }) => [data, String(records), short(loss), accuracy === undefined ? '' : `${(100 * accuracy).toFixed(2)} %`]), [3, 2, 2, 2]);
  paper.table('Files', ['File', 'SHA-256', 'At hand'], limited(files).map(({ name, sha256, state }) => [name, sha256, state]), [3, 7, 2]);
  rest(paper, files);
  paper.heading('Coverage');
  const rows = coverage.length <= maximumRows ? coverage.map(({ tensor, shape, treatment, why }) => [tensor, shape, treatment, why]) : grouped(coverage);
  paper.table('What happened to every tensor', ['Tensor', 'Shape', 'Treatment', 'Why'], limited(rows), [3, 2, 2, 5]);
  paper.heading('Assumptions');
  paper.table('What the guarantee stands on, and how it was met', ['No.', 'Assumption', 'How it was met', 'Status'], assumptions.map(({ id, assumption, enforcement, status }) => [String(id), assumption, enforcement, status]), [1, 6, 6, 2]);
  paper.heading('The run');
  paper.table('Parameters', ['Fact', 'Value'], limited(facts).map(({ label, value }) => [label, value]), [2, 7]);
}

/** Many tensors by what was done to them, and why. */
function grouped(coverage: readonly CoverageRow[]): string[][] {
  const groups = new Map<string, { readonly row: CoverageRow; tensors: number; numbers: number }>();
  for (const row of coverage) {
    const key = JSON.stringify([row.treatment, row.why]);
    const group = groups.get(key) ?? { row, tensors: 0, numbers: 0 };
    group.tensors += 1;
    group.numbers += row.count ?? 0;
    groups.set(key, group);
  }
  return [...groups.values()].map(({ row: { tensor, treatment, why }, tensors, numbers }) => [tensors === 1 ? tensor : `${tensor} and ${tensors - 1} more`, `${numbers} numbers`, treatment, why]);
}

function limited<T>(rows: readonly T[]): readonly T[] {
  return rows.slice(0, maximumRows);
}

function rest(paper: Paper, rows: readonly unknown[]): void {
  if (rows.length > maximumRows) paper.paragraph(`${rows.length - maximumRows} more are in the file.`, { muted: true });
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
