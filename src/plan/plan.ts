import { account } from '../privacy/account';
import { CertifiedRun, publicMechanism } from '../privacy/certified-run';
import type { Mechanism, Reference } from '../privacy/mechanism';
import { batchesOf } from '../privacy/stages';
import type { Request } from '../request/schema';
import { advise, type Advice } from './advice';
import { mechanismOf, type MechanismFacts } from './mechanism-of';
import { noiseAndSignal, type NoiseAndSignal } from './noise-and-signal';
import { privacySpent, type PlanPoint } from './privacy-spent';

/** What a plan needs to know of model and data. Nothing in it comes from the trained values or from the forgotten records. */
export interface PlanFacts extends MechanismFacts {
  /** Records in the retain set. */
  readonly retainCount: number;
}

/** The price of a guarantee, against one reference. */
export interface Cost {
  /** Undefined where the guarantee is not Gaussian: then ε is all that is known. */
  readonly mu?: number | undefined;
  /** ε at the target's δ, rounded up. */
  readonly epsilon: number;
}

/** What a request will do, with everything that follows from it. JSON-shaped: it crosses process borders. */
export interface Plan {
  readonly mechanism: Mechanism;
  /** The bound that the certificate will state. */
  readonly target: { readonly epsilon: number; readonly delta: number };
  readonly reference: Reference;
  /** Whether σ was computed from the target, or given and ε follows, or the method is exact and needs none. */
  readonly noise: 'calibrated' | 'given' | 'exact';
  readonly costs: Readonly<Record<Reference, Cost>>;
  /** Records in a mini-batch; of the recovery where the method itself makes no steps. */
  readonly batchSize: number;
  /** Privacy and noise along the schedule, at no more than a few hundred steps; empty where there is none. */
  readonly schedule: readonly PlanPoint[];
  readonly signal: NoiseAndSignal;
  /** Passes over the retain set. */
  readonly epochs: { readonly noisy: number; readonly recovery: number };
  readonly advice: readonly Advice[];
}

/**
 * Plans a request: calibrates the noise to the target, or accounts for the noise that is given.
 * @throws PrivacyError where the target cannot be met or a number is out of range.
 */
export function planRun(request: Pick<Request, 'target' | 'method' | 'recovery'>, facts: PlanFacts): Plan {
  const { target, method, recovery } = request;
  const mechanism = mechanismOf(request, facts);
  const exact = account(mechanism, target.reference).mu === 0;
  const { reference } = target;
  const delta = exact ? 0 : target.delta;
  const costs = { retrained: costOf(mechanism, 'retrained', delta), centre: costOf(mechanism, 'centre', delta) };
  const stated = exact ? { epsilon: 0, delta } : { epsilon: target.epsilon ?? costs[reference].epsilon, delta };
  // The one gate: from here on nothing runs but a mechanism that has been re-accounted and meets what will be stated.
  certifyPlan({ mechanism, target: stated, reference });
  const signal = noiseAndSignal(mechanism, facts.tensors);
  const batchSize = batchSizeOf(request);
  const epochs = { noisy: (batchesOf(mechanism) * batchSize) / facts.retainCount, recovery: recovery.epochs };
  return {
    mechanism,
    target: stated,
    reference,
    noise: exact ? 'exact' : 'sigma' in method && method.sigma !== undefined ? 'given' : 'calibrated',
    costs,
    batchSize,
    schedule: privacySpent(mechanism, reference, delta),
    signal,
    epochs,
    advice: advise({ target: stated, mechanism, signal, epochs, retainCount: facts.retainCount, linear: facts.head !== undefined }),
  };
}

/** The only thing that an engine runs. Its numbers are public because a plan is made from a request, shapes and retained records alone. */
export function certifyPlan({ mechanism, target, reference }: Pick<Plan, 'mechanism' | 'target' | 'reference'>): CertifiedRun {
  return CertifiedRun.certify(publicMechanism(mechanism), target, reference);
}

/** Records in a mini-batch of the method, or of the recovery where the method makes no steps. */
export function batchSizeOf({ method, recovery }: Pick<Request, 'method' | 'recovery'>): number {
  return 'batchSize' in method ? method.batchSize : recovery.batchSize;
}

function costOf(mechanism: Mechanism, reference: Reference, delta: number): Cost {
  const profile = account(mechanism, reference);
  return { ...(profile.mu === undefined ? {} : { mu: profile.mu }), epsilon: profile.epsilon(delta) };
}
