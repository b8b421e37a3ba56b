import path from 'node:path';
import { Uri, window } from 'vscode';
import type { Services } from '../services';

/** Opens the private report of a run: it speaks of the original model and of forgotten records, and is not for sharing. */
export async function showReport({ runs }: Services, argument: unknown): Promise<void> {
  const id = typeof argument === 'object' && argument !== null && 'id' in argument ? argument.id : undefined;
  const run = runs.runs.find((candidate) => candidate.id === id);
  if (run?.state.status !== 'succeeded') return;
  await window.showTextDocument(Uri.file(path.join(run.state.report, 'report.json')), { preview: true });
}
