import { UserError } from '../error';
import type { Target } from '../privacy/mechanism';
import type { Request } from '../request/schema';

/** The target of a request whose noise is to be found. Throws `UserError` `target-missing`. */
export function aim({ epsilon, delta }: Request['target']): Target {
  if (epsilon === undefined) throw new UserError('target-missing', 'is missing', { field: 'target.epsilon', remedy: 'Give ε here, or the noise as method.sigma.' });
  return { epsilon, delta };
}
