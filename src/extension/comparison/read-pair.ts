import path from 'node:path';
import { Uri, workspace } from 'vscode';
import type { ComparedCertificate, ComparedRun, ComparisonState, ToComparisonPage } from '../../protocol/comparison-messages';
import { check } from '../certificate-editor/check';
import type { Keys } from '../keys';
import { distinctNames } from './names';

/** Verifies two certificates for a comparison. */
export async function readCertificates(state: ComparisonState, keys: Keys): Promise<ToComparisonPage> {
  const { describeCertificate } = await import('../../certificate/describe');
  const read = async (uri: Uri, name: string): Promise<ComparedCertificate> => {
    const verification = await check(uri, keys);
    const { outcome, verdicts } = describeCertificate(verification);
    return { name, path: workspace.asRelativePath(uri), outcome, verdicts, signer: verification.signer, statement: verification.statement ?? verification.unverifiedStatement };
  };
  const [left, right] = [Uri.parse(state.uris[0]), Uri.parse(state.uris[1])];
  const [first, second] = distinctNames(workspace.asRelativePath(left), workspace.asRelativePath(right));
  return { type: 'certificates', state, pair: [await read(left, first), await read(right, second)] };
}

/** Reads two private reports for a comparison. */
export async function readRuns(state: ComparisonState): Promise<ToComparisonPage> {
  const { readReport } = await import('../../run/read-report');
  const read = async (uri: Uri): Promise<ComparedRun> => {
    const report = await readReport(uri.fsPath);
    const started = report.course === undefined ? path.basename(path.dirname(uri.fsPath)) : new Date(report.course.startedAt).toLocaleString();
    return { name: `${report.requestFile.replace(/\.unlearn\.json$/, '')}, ${started}`, report };
  };
  const [left, right] = state.uris;
  return { type: 'runs', state, pair: [await read(Uri.parse(left)), await read(Uri.parse(right))] };
}
