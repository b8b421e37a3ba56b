import path from 'node:path';
import { commands, l10n, Uri, window } from 'vscode';
import { privateReportOf } from '../certificate-editor/private-report-of';
import { isReport } from '../files';
import { reportViewType } from '../report-editor/report-editor';
import type { Services } from '../services';
import { pickCertificate } from './pick-certificate';

/** Opens the private report of a run: it speaks of the original model and of forgotten records, and is not for sharing. */
export async function showReport(services: Services, argument: unknown): Promise<void> {
  const report = givenReport(services, argument) ?? await reportOfCertificate(services, argument);
  if (report !== undefined) await commands.executeCommand('vscode.openWith', report, reportViewType);
}

/** The report itself, or that of a run of the runs view. */
function givenReport({ runs }: Services, argument: unknown): Uri | undefined {
  if (argument instanceof Uri) return isReport(argument) ? argument : undefined;
  const id = typeof argument === 'object' && argument !== null && 'id' in argument ? argument.id : undefined;
  const run = runs.runs.find((candidate) => candidate.id === id);
  return run?.state.status === 'succeeded' ? Uri.file(path.join(run.state.report, 'report.json')) : undefined;
}

async function reportOfCertificate(services: Services, argument: unknown): Promise<Uri | undefined> {
  const certificate = await pickCertificate(services, argument, l10n.t('Show Private Run Report'));
  if (certificate === undefined) return undefined;
  const report = await privateReportOf(certificate);
  if (report === undefined) void window.showInformationMessage(l10n.t('The private report of this run is not here: it lies beside the request, on the machine that ran it.'));
  return report;
}
