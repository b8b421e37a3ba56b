import path from 'node:path';
import { l10n, Uri, window } from 'vscode';
import { ComparisonPanel } from '../comparison/comparison-panel';
import type { Run } from '../runs/run';
import type { Services } from '../services';

/** Compares two finished runs: those that are selected in the runs view, or one and another that is chosen. */
export async function compareRuns(services: Services, argument: unknown, selection: unknown): Promise<void> {
  const finished = services.runs.runs.filter(({ state }) => state.status === 'succeeded');
  if (finished.length < 2) {
    void window.showInformationMessage(l10n.t('There are not two finished runs to compare. A run that was cancelled, lost or failed has no result.'));
    return;
  }
  const ids = new Set((Array.isArray(selection) ? selection : [argument]).flatMap((item: unknown) => (typeof item === 'object' && item !== null && 'id' in item ? [item.id] : [])));
  const given = finished.filter(({ id }) => ids.has(id));
  const first = given[0] ?? await pick(finished, l10n.t('Choose a run'));
  if (first === undefined) return;
  const second = given[1] ?? await pick(finished.filter((run) => run !== first), l10n.t('Compare {0} with …', labelOf(first)));
  // The earlier one on the left.
  if (second !== undefined) ComparisonPanel.open(services, { kind: 'runs', uris: first.startedAt <= second.startedAt ? [reportOf(first), reportOf(second)] : [reportOf(second), reportOf(first)] });
}

async function pick(runs: readonly Run[], placeHolder: string): Promise<Run | undefined> {
  const chosen = await window.showQuickPick(runs.map((run) => ({ label: labelOf(run), description: new Date(run.startedAt).toLocaleString(), run })), { title: l10n.t('Compare Runs'), placeHolder });
  return chosen?.run;
}

function labelOf({ request }: Run): string {
  return path.posix.basename(request.path).replace(/\.unlearn\.json$/, '');
}

function reportOf({ state }: Run): string {
  return Uri.file(path.join(state.status === 'succeeded' ? state.report : '', 'report.json')).toString();
}
