import { commands, type Disposable } from 'vscode';
import { showModel } from '../model-editor/show-model';
import { reportError } from '../report-error';
import type { Services } from '../services';
import { cancelRun } from './cancel-run';
import { compareCertificates } from './compare-certificates';
import { compareRuns } from './compare-runs';
import { createSample } from './create-sample';
import { installTensorFlow } from './install-tensorflow';
import { plan } from './plan';
import { run } from './run';
import { saveCertificatePdf } from './save-certificate-pdf';
import { showCertificate } from './show-certificate';
import { showEngines } from './show-engines';
import { showReport } from './show-report';
import { unlearn } from './unlearn';
import { verifyCertificate } from './verify-certificate';

/** Does what a command says; `argument` is what a menu, a view or another command gives it, or nothing, `selection` all that is selected there with it. */
export type Handler = (services: Services, argument: unknown, selection: unknown) => Promise<void> | void;

const handlers: Readonly<Record<string, Handler>> = {
  unlearn,
  plan,
  run,
  cancelRun,
  verifyCertificate,
  showCertificate,
  compareCertificates,
  saveCertificatePdf,
  showModel,
  showReport,
  compareRuns,
  showLog: ({ log }) => log.show(),
  createSample,
  showEngines,
  installTensorFlow,
  showKey: ({ keys }) => keys.showFingerprint(),
  exportPublicKey: ({ keys }) => keys.exportPublicKey(),
  rotateKey: ({ keys }) => keys.rotate(),
  refreshModels: ({ models }) => models.refresh(),
};

/** Registers every command of the manifest. Whatever goes wrong in one is logged and shown. */
export function registerCommands(services: Services): Disposable[] {
  return Object.entries(handlers).map(([name, handler]) => commands.registerCommand(`certifiedUnlearning.${name}`, async (argument: unknown, selection: unknown) => {
    try {
      await handler(services, argument, selection);
    } catch (error) {
      void reportError(error, services.log);
    }
  }));
}
