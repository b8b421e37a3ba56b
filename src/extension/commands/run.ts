import { l10n } from 'vscode';
import type { Services } from '../services';
import { plan } from './plan';
import { pickRequest } from './pick-request';

/** Runs a request, with its panel open to show how it goes. */
export async function run(services: Services, argument: unknown): Promise<void> {
  const request = await pickRequest(argument, l10n.t('Run Unlearning'));
  if (request === undefined) return;
  await plan(services, request);
  await services.runs.start(request);
}
