import { type CancellationToken, l10n, ProgressLocation, window } from 'vscode';
import { UserError } from '../../error';
import type { InstallStep } from '../../run/tensorflow-install/install';
import type { Services } from '../services';

/** Installs the native TensorFlow engine where later runs find it, after asking. */
export async function installTensorFlow({ engines, log }: Services): Promise<void> {
  const { installTensorFlow: install, TFJS_NODE } = await import('../../run/tensorflow-install/install');
  const agreed = l10n.t('Install');
  const detail = l10n.t('{0} comes from the npm registry, and its own installer downloads the TensorFlow library from storage.googleapis.com. Where that fails, on Linux (x64) the library of the tensorflow-cpu wheel from PyPI takes its place, which needs python3 with pip, g++ and 1.1 GB. It goes into this extension\'s own storage.', TFJS_NODE);
  if ((await window.showInformationMessage(l10n.t('Install the native TensorFlow engine?'), { modal: true, detail }, agreed)) !== agreed) return;
  log.info(`installing ${TFJS_NODE} into ${engines.tensorflowHome}`);
  try {
    await window.withProgress({ location: ProgressLocation.Notification, title: l10n.t('Installing TensorFlow'), cancellable: true }, (progress, token) => install({
      folder: engines.tensorflowHome,
      signal: signalOf(token),
      onStep: (step) => progress.report({ message: stepText(step) }),
      onLine: (line) => log.info(line),
    }));
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'cancelled') throw error;
    log.info('cancelled');
    return;
  }
  log.info('installed');
  void window.showInformationMessage(l10n.t('The native TensorFlow engine is installed, and the next run finds it.'));
}

function stepText(step: InstallStep): string {
  switch (step) {
    case 'package': return l10n.t('the package, from the npm registry');
    case 'library': return l10n.t('its prebuilt library');
    case 'wheel': return l10n.t('the library from PyPI, since the prebuilt one could not be had');
    case 'compile': return l10n.t('compiling the binding');
    case 'check': return l10n.t('trying it out');
  }
}

function signalOf(token: CancellationToken): AbortSignal {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}
