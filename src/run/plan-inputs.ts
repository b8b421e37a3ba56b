import { basename } from 'node:path';
import { UserError } from '../error';
import { planRun, type Plan, type PlanFacts } from '../plan/plan';
import { PrivacyError } from '../privacy/privacy-error';
import type { LoadedRequest } from '../request/load-request';

/** The plan of a request whose inputs are open. Throws `UserError` with the field of the request where the accountant refuses. */
export function planInputs({ loaded }: { readonly loaded: LoadedRequest }, facts: PlanFacts): Plan {
  try {
    return planRun(loaded.request, facts);
  } catch (error) {
    if (error instanceof PrivacyError) {
      throw new UserError(error.code, error.message, { file: basename(loaded.file), field: fieldOf(error), remedy: error.remedy });
    }
    if (error instanceof UserError && error.file === undefined) {
      throw new UserError(error.code, error.message, { file: basename(loaded.file), field: error.field, remedy: error.remedy });
    }
    throw error;
  }
}

function fieldOf({ field = '' }: PrivacyError): string {
  const parts = field.split('.');
  const shape = parts.find((part) => part === 'learningRateShape' || part === 'sigmaShape');
  return shape === undefined ? (fieldInRequest[parts.at(-1) ?? ''] ?? 'method') : `method.${shape}`;
}

/** Where the accountant's fields stand in a request. */
const fieldInRequest: Readonly<Record<string, string>> = {
  epsilon: 'target.epsilon',
  delta: 'target.delta',
  initialRadius: 'method.initialRadius',
  gradientRadius: 'method.gradientRadius',
  learningRate: 'method.learningRate',
  decay: 'method.decay',
  count: 'method.steps',
  sigma: 'method.sigma',
  modelRadius: 'method.modelRadius',
};
