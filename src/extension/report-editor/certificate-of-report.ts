import { type Uri, workspace } from 'vscode';
import type { RunReport } from '../../protocol/report-messages';
import type { ModelRegistry } from '../models/model-registry';

/** The certificate of the run that a private report is about, by the digest of what was signed; undefined if it is not in the workspace. */
export async function certificateOfReport({ statement }: RunReport, registry: ModelRegistry): Promise<Uri | undefined> {
  const { statementDigest } = await import('../../run/private-run');
  for (const { uri } of await registry.certificates()) {
    try {
      if (statementDigest(await workspace.fs.readFile(uri), uri.fsPath) === statement) return uri;
    } catch {
      // damaged or gone: not the one
    }
  }
  return undefined;
}
