import { l10n, Uri, window } from 'vscode';
import { activeFile, certificatePattern, findFiles, isCertificate } from '../files';
import { fileOf } from '../pick-file';
import type { Services } from '../services';

/** The certificate that a command is about: itself, that of the given model or run, the active editor's, or a chosen one. */
export async function pickCertificate({ models }: Services, argument: unknown, title: string): Promise<Uri | undefined> {
  const of = certificateIn(argument);
  if (of !== undefined) return of;
  const model = argument instanceof Uri && !isCertificate(argument) ? argument : undefined;
  if (model !== undefined) {
    const certificate = await models.certificateOf(model);
    if (certificate === undefined) void window.showInformationMessage(l10n.t('No certificate in this workspace is about this model.'));
    return certificate;
  }
  const active = activeFile();
  const ofActive = active === undefined || argument !== undefined ? undefined : await models.certificateOf(active);
  return fileOf(argument ?? ofActive, {
    fits: isCertificate,
    find: () => findFiles(certificatePattern),
    title,
    none: l10n.t('There is no unlearning certificate in this workspace.'),
  });
}

/** Items of the views: a model with its certificate, or a run with its result. */
function certificateIn(argument: unknown): Uri | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  if ('certificate' in argument && argument.certificate instanceof Uri) return argument.certificate;
  if ('state' in argument && typeof argument.state === 'object' && argument.state !== null && 'summary' in argument.state) {
    return Uri.file((argument.state as { summary: { certificate: string } }).summary.certificate);
  }
  return undefined;
}
