import { l10n, Uri, window, workspace } from 'vscode';
import { ComparisonPanel } from '../comparison/comparison-panel';
import { activeFile, certificatePattern, findFiles, isCertificate } from '../files';
import type { Services } from '../services';
import { pickCertificate } from './pick-certificate';

/** Compares two certificates: those that are selected in the explorer or the sidebar, or one and another that is chosen. */
export async function compareCertificates(services: Services, argument: unknown, selection: unknown): Promise<void> {
  const selected = Array.isArray(selection) ? selection.flatMap((item: unknown) => certificateAt(item) ?? []) : [];
  const [first, second] = selected.length >= 2 ? selected : await pickTwo(services, argument);
  if (first === undefined || second === undefined) return;
  ComparisonPanel.open(services, { kind: 'certificates', uris: [first.toString(), second.toString()] });
}

async function pickTwo(services: Services, argument: unknown): Promise<readonly Uri[]> {
  const all = await findFiles(certificatePattern);
  if (all.length < 2) {
    void window.showInformationMessage(l10n.t('There are not two certificates in this workspace to compare.'));
    return [];
  }
  const active = activeFile();
  const first = certificateAt(argument) ?? (active !== undefined && isCertificate(active) ? active : undefined) ?? await pickCertificate(services, argument, l10n.t('Compare Certificates'));
  if (first === undefined) return [];
  const others = all.filter((uri) => uri.toString() !== first.toString());
  const chosen = await window.showQuickPick(others.map((uri) => ({ label: workspace.asRelativePath(uri), uri })), { title: l10n.t('Compare Certificates'), placeHolder: l10n.t('Compare {0} with …', workspace.asRelativePath(first)) });
  return chosen === undefined ? [] : [first, chosen.uri];
}

/** Menus of the explorer give URIs, the sidebar its items. */
function certificateAt(item: unknown): Uri | undefined {
  const uri = typeof item === 'object' && item !== null && 'certificate' in item ? item.certificate : item;
  return uri instanceof Uri && isCertificate(uri) ? uri : undefined;
}
