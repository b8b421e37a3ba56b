import type { Verification } from '../../certificate/verify';

/** What a model in the workspace is known to be. `unknown`: its certificate is signed with a key that is not trusted. */
export type CertificateState = 'none' | 'certified' | 'changed' | 'invalid' | 'unknown';

/** The state that a verified certificate gives the model it is about. */
export function stateOf({ signature, model, accounting, damaged }: Verification): Exclude<CertificateState, 'none'> {
  if (damaged !== undefined || signature.status === 'fail' || accounting.status === 'fail') return 'invalid';
  if (signature.status === 'unknown') return 'unknown';
  if (model.status !== 'pass') return 'changed';
  return accounting.status === 'pass' ? 'certified' : 'invalid';
}
