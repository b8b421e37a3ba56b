import { account, type PrivacyProfile } from './account';
import { checkTarget } from './checks';
import type { Mechanism, Reference, Target } from './mechanism';
import { PrivacyError } from './privacy-error';
import { float32Down, float32Up } from './rounding';

declare const isPublic: unique symbol;

/** A mechanism whose radii, noise, rates and steps are public. One whose radius is the norm of the model that is being unlearned is not. */
export type PublicMechanism<M extends Mechanism = Mechanism> = M & { readonly [isPublic]: true };

/** Vouches that every number of a mechanism was written down in the request, or follows from that, the target, the shapes of the model and retained records. */
export function publicMechanism<M extends Mechanism>(fromRequest: M): PublicMechanism<M> {
  return fromRequest as PublicMechanism<M>;
}

/** Relative margin for float32 arithmetic: clipping to C(1 − 1e-6) leaves a norm of at most C after every rounding of the scaling, and of γ. */
const MARGIN = 1e-6;

/**
 * A mechanism that has been accounted for and meets its target: the only thing that an engine runs. `certify` is the only way to get one, and it copies and
 * freezes what it certified.
 */
export class CertifiedRun<M extends Mechanism = Mechanism> {
  readonly mechanism: M;
  /** The same with the numbers that float32 arithmetic must use to stay within what was certified: radii less a rounding margin, noise with one on top. */
  readonly applied: M;
  readonly reference: Reference;
  readonly target: Target;
  readonly profile: PrivacyProfile;

  private constructor(mechanism: M, target: Target, reference: Reference, profile: PrivacyProfile) {
    this.mechanism = mechanism;
    this.applied = rebuilt(mechanism, withMargin);
    this.reference = reference;
    this.target = target;
    this.profile = profile;
    Object.freeze(this);
  }

  /**
   * Throws like `account`, and `target-not-met` if δ(ε) of the mechanism against the reference is above δ.
   * δ = 0 is a target only for what is exact.
   */
  static certify<M extends Mechanism>(mechanism: PublicMechanism<M>, target: Target, reference: Reference): CertifiedRun<M> {
    const frozen: M = rebuilt(mechanism as M, (_, value) => value);
    const profile = account(frozen, reference);
    if (!(profile.mu === 0 && target.delta === 0)) checkTarget(target);
    const reached = profile.delta(target.epsilon);
    if (!(reached <= target.delta)) {
      throw new PrivacyError('target-not-met', `the schedule gives δ = ${reached.toPrecision(3)} at ε = ${target.epsilon}, above the target δ = ${target.delta}`, { field: 'steps', remedy: 'Raise σ, or leave it out so that it is computed from the target.' });
    }
    return new CertifiedRun(frozen, Object.freeze({ epsilon: target.epsilon, delta: target.delta }), reference, Object.freeze(profile));
  }
}

function withMargin(key: string, value: number): number {
  switch (key) {
    case 'initialRadius':
    case 'gradientRadius':
    case 'modelRadius':
      return float32Down(value * (1 - MARGIN));
    case 'sigma':
    case 'initialSigma': {
      const sigma = float32Up(value * (1 + MARGIN));
      if (!Number.isFinite(sigma)) throw new PrivacyError('out-of-range', `σ = ${value} does not fit into float32`, { field: key, remedy: 'Write a smaller one, or ask for a larger ε.' });
      return sigma;
    }
    default:
      return value;
  }
}

/** A deep copy, frozen throughout, with every number passed through a function of its name and value. */
function rebuilt<T>(value: T, change: (key: string, value: number) => number): T {
  const rebuild = (key: string, part: unknown): unknown => {
    if (typeof part === 'number') return change(key, part);
    if (Array.isArray(part)) return Object.freeze(part.map((item) => rebuild(key, item)));
    if (typeof part !== 'object' || part === null) return part;
    // Filled in place: a schedule by hand has as many of these as steps, and is accounted at every move of the hand.
    const copy: Record<string, unknown> = { ...part };
    for (const name of Object.keys(copy)) copy[name] = rebuild(name, copy[name]);
    return Object.freeze(copy);
  };
  return rebuild('', value) as T;
}
