import { account } from './account';
import { assumptionsOf, behaviourOf } from './assumptions';
import { checkJson, objectOf } from './json-schema';
import type { Mechanism, Method, Reference } from './mechanism';
import { methodSchemas } from './mechanism-schema';
import { PrivacyError } from './privacy-error';

/** What a mechanism guarantees against one reference. JSON has no ∞: null stands for “no finite number”. */
export interface Guarantee {
  /** Null where the guarantee is not Gaussian DP, or nothing is guaranteed. */
  readonly mu: number | null;
  /** ε at the δ asked for, rounded up; null where no ε gives that δ. */
  readonly epsilon: number | null;
  /** δ at the ε asked for. */
  readonly delta: number;
}

export interface Accounting extends Guarantee {
  readonly method: Method;
  /** The reference of the top-level `mu`, `epsilon` and `delta`. */
  readonly reference: Reference;
  /** The (ε, δ) asked about: `epsilon` is at this δ, `delta` at this ε. */
  readonly at: { readonly epsilon: number; readonly delta: number };
  /** Null where the method gives no guarantee of this kind. */
  readonly retrained: Guarantee | null;
  readonly centre: Guarantee | null;
  /** What the method does. */
  readonly behaviour: string;
  /** What the guarantee rests on and the accounting cannot see. */
  readonly assumptions: readonly string[];
}

/**
 * Accounts for a mechanism given as JSON, in the form of `mechanismJsonSchema`.
 * Throws `unknown-method`, `malformed` or `out-of-range`, and whatever `account` throws.
 */
export function accountFromJson(value: unknown): Accounting {
  const mechanism = mechanismFromJson(value);
  const { reference = 'retrained', epsilon = 1, delta = 1e-5 } = value as { readonly reference?: Reference; readonly epsilon?: number; readonly delta?: number };
  const guarantee = (against: Reference): Guarantee => {
    const profile = account(mechanism, against);
    return { mu: finite(profile.mu), epsilon: finite(profile.epsilon(delta)), delta: profile.delta(epsilon) };
  };
  const optional = (against: Reference): Guarantee | null => {
    try {
      return guarantee(against);
    } catch (error) {
      if (error instanceof PrivacyError && error.code === 'reference-unavailable') return null;
      throw error;
    }
  };
  return {
    method: mechanism.method,
    reference,
    ...guarantee(reference),
    at: { epsilon, delta },
    retrained: optional('retrained'),
    centre: optional('centre'),
    behaviour: behaviourOf(mechanism.method),
    assumptions: assumptionsOf(mechanism),
  };
}

/** The mechanism in a JSON value, checked. Properties of the question (`reference`, `epsilon`, `delta`) are allowed beside it. */
export function mechanismFromJson(value: unknown): Mechanism {
  const object = objectOf(value);
  if (object === undefined) throw new PrivacyError('malformed', 'the mechanism must be a JSON object');
  const { method } = object;
  if (typeof method !== 'string' || !Object.hasOwn(methodSchemas, method)) {
    throw new PrivacyError('unknown-method', `method must be one of ${Object.keys(methodSchemas).map((name) => `"${name}"`).join(', ')}`, 'method');
  }
  checkJson(methodSchemas[method as Method], object);
  // The schema of a method describes exactly the properties of its type; `account` checks the numbers once more.
  return object as unknown as Mechanism;
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
