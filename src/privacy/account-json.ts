import { account, type PrivacyProfile } from './account';
import { assumptionsOf, behaviourOf } from './assumptions';
import { inside } from './checks';
import { guaranteesOver, type Release } from './history';
import { checkJson, objectOf } from './json-schema';
import type { Mechanism, Method, Reference } from './mechanism';
import { historySchema, mechanismSchemas, withQuestion } from './mechanism-schema';
import { PrivacyError } from './privacy-error';

/** What is guaranteed against one reference. JSON has no ∞: null stands for “no finite number”. */
export interface Guarantee {
  /** Null where the guarantee is not Gaussian DP, or nothing is guaranteed. */
  readonly mu: number | null;
  /** ε at the δ asked for, rounded up; null where no ε gives that δ. */
  readonly epsilon: number | null;
  /** δ at the ε asked for. */
  readonly delta: number;
}

/** The (ε, δ) asked about: `epsilon` is reported at this δ, `delta` at this ε. */
interface Question {
  readonly epsilon: number;
  readonly delta: number;
}

export interface Accounting extends Guarantee {
  readonly method: Method;
  /** The reference of the top-level `mu`, `epsilon` and `delta`. */
  readonly reference: Reference;
  readonly at: Question;
  /** Null where the method gives no guarantee of this kind. */
  readonly retrained: Guarantee | null;
  readonly centre: Guarantee | null;
  /** What the method does. */
  readonly behaviour: string;
  /** What the guarantee rests on and the accounting cannot see. */
  readonly assumptions: readonly string[];
}

/** What holds for the records of one request, after all releases. */
export interface RequestAccounting {
  readonly request: string;
  readonly statement: string;
  /** Against each reference, for someone who sees the latest release, and for someone who sees all since the request. Null where a run has no such guarantee. */
  readonly retrained: { readonly latest: Guarantee; readonly together: Guarantee } | null;
  readonly centre: { readonly latest: Guarantee; readonly together: Guarantee } | null;
}

export interface HistoryAccounting {
  readonly at: Question;
  readonly requests: readonly RequestAccounting[];
}

/**
 * Accounts for a mechanism, or for a history of releases, given as JSON in the form of `accountJsonSchema`.
 * Throws `unknown-method`, `malformed` or `out-of-range`, and whatever `account` throws.
 */
export function accountFromJson(value: unknown): Accounting | HistoryAccounting {
  const object = objectOf(value);
  return object !== undefined && Object.hasOwn(object, 'releases') ? accountHistory(object) : accountMechanism(value);
}

function accountMechanism(value: unknown): Accounting {
  const mechanism = mechanismFromJson(value);
  const at = questionOf(value);
  const { reference = 'retrained' } = value as { readonly reference?: Reference };
  return {
    method: mechanism.method,
    reference,
    ...guaranteeOf(account(mechanism, reference), at),
    at,
    retrained: unlessUnavailable(() => guaranteeOf(account(mechanism, 'retrained'), at)),
    centre: unlessUnavailable(() => guaranteeOf(account(mechanism, 'centre'), at)),
    behaviour: behaviourOf(mechanism.method),
    assumptions: assumptionsOf(mechanism),
  };
}

function accountHistory(value: object): HistoryAccounting {
  checkJson(historySchema, value);
  const { releases } = value as { readonly releases: readonly { readonly name: string; readonly startsFrom?: number; readonly mechanism: Mechanism }[] };
  const at = questionOf(value);
  const against = (reference: Reference): readonly Release[] =>
    releases.map(({ name, startsFrom, mechanism }, index): Release => {
      try {
        return { name, startsFrom: startsFrom ?? 'original', profile: account(mechanism, reference) };
      } catch (error) {
        throw inside(error, `releases[${index}].mechanism`);
      }
    });
  const guarantees = { retrained: guaranteesOver(against('retrained')), centre: unlessUnavailable(() => guaranteesOver(against('centre'))) };
  return {
    at,
    requests: guarantees.retrained.map(({ request, statement, latest, together }, index) => {
      const centre = guarantees.centre?.[index];
      return {
        request,
        statement,
        retrained: { latest: guaranteeOf(latest, at), together: guaranteeOf(together, at) },
        centre: centre === undefined ? null : { latest: guaranteeOf(centre.latest, at), together: guaranteeOf(centre.together, at) },
      };
    }),
  };
}

/** The mechanism in a JSON value, checked. Properties of the question (`reference`, `epsilon`, `delta`) are allowed beside it. */
export function mechanismFromJson(value: unknown): Mechanism {
  const object = objectOf(value);
  if (object === undefined) throw new PrivacyError('malformed', 'the mechanism must be a JSON object', { remedy: 'Write one such as {"method": "output-perturbation", "initialRadius": 1, "sigma": 7.5}.' });
  const { method } = object;
  if (typeof method !== 'string' || !Object.hasOwn(mechanismSchemas, method)) {
    throw new PrivacyError('unknown-method', `method must be one of ${Object.keys(mechanismSchemas).map((name) => `"${name}"`).join(', ')}`, { field: 'method', remedy: 'Write one of these in quotes.' });
  }
  checkJson(withQuestion(mechanismSchemas[method as Method]), object);
  // The schema of a method describes exactly the properties of its type; `account` checks the numbers once more.
  return object as unknown as Mechanism;
}

function questionOf(value: unknown): Question {
  const { epsilon = 1, delta = 1e-5 } = value as Partial<Question>;
  return { epsilon, delta };
}

function guaranteeOf(profile: PrivacyProfile, at: Question): Guarantee {
  return { mu: finite(profile.mu), epsilon: finite(profile.epsilon(at.delta)), delta: profile.delta(at.epsilon) };
}

function unlessUnavailable<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch (error) {
    if (error instanceof PrivacyError && error.code === 'reference-unavailable') return null;
    throw error;
  }
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
