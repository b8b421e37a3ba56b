import { UserError } from '../error';
import { account } from '../privacy/account';
import { calibrateSigma } from '../privacy/calibrate';
import { CertifiedSchedule, publicRadius } from '../privacy/certified-schedule';
import type { GradientClipping, Reference } from '../privacy/mechanism';
import type { Request } from '../request/schema';
import { advise, type Advice } from './advice';
import { noiseAndSignal, type NoiseAndSignal, type TensorFacts } from './noise-and-signal';
import { privacySpent, type PlanPoint } from './privacy-spent';

/** What a plan needs to know of model and data. Nothing in it comes from the trained values or from the forgotten records. */
export interface PlanFacts {
  /** The tensors to train: how many numbers, and the fan-in of those that are weights. */
  readonly tensors: readonly TensorFacts[];
  /** Records in the retain set. */
  readonly retainCount: number;
}

/** The price of a guarantee, against one reference. */
export interface Cost {
  readonly mu: number;
  /** ε at the target's δ, rounded up. */
  readonly epsilon: number;
}

/** What a request will do, with everything that follows from it. JSON-shaped: it crosses process borders. */
export interface Plan {
  readonly mechanism: GradientClipping;
  /** The bound that the certificate will state. */
  readonly target: { readonly epsilon: number; readonly delta: number };
  readonly reference: Reference;
  /** Whether σ was computed from the target, or given and ε follows. */
  readonly noise: 'calibrated' | 'given';
  readonly costs: Readonly<Record<Reference, Cost>>;
  readonly batchSize: number;
  /** Privacy and noise along the schedule, at no more than a few hundred steps. */
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
  const { reference, delta } = target;
  const mechanism = mechanismOf(request);
  const costs = { retrained: costOf(mechanism, 'retrained', delta), centre: costOf(mechanism, 'centre', delta) };
  const stated = { epsilon: target.epsilon ?? costs[reference].epsilon, delta };
  // The one gate: from here on nothing runs but a schedule that has been re-accounted and meets what will be stated.
  certifyPlan({ mechanism, target: stated, reference });
  const signal = noiseAndSignal(mechanism, facts.tensors);
  const epochs = { noisy: (method.steps * method.batchSize) / facts.retainCount, recovery: recovery.epochs };
  return {
    mechanism,
    target: stated,
    reference,
    noise: method.sigma === undefined ? 'calibrated' : 'given',
    costs,
    batchSize: method.batchSize,
    schedule: privacySpent(mechanism, reference, delta),
    signal,
    epochs,
    advice: advise({ target: stated, mu: costs.retrained.mu, signal, epochs, retainCount: facts.retainCount }),
  };
}

/** The only thing that an engine runs. Its initial radius is public because a plan's radius was written down in the request. */
export function certifyPlan({ mechanism, target, reference }: Pick<Plan, 'mechanism' | 'target' | 'reference'>): CertifiedSchedule {
  return CertifiedSchedule.certify({ ...mechanism, initialRadius: publicRadius(mechanism.initialRadius) }, target, reference);
}

function mechanismOf({ target, method }: Pick<Request, 'target' | 'method'>): GradientClipping {
  const { initialRadius, steps: count, learningRate, gradientRadius, sigma } = method;
  const step = { count, learningRate, decay: representableDecay(learningRate, method.decay), gradientRadius };
  if (sigma !== undefined) {
    return { method: 'gradient-clipping', initialRadius, steps: [{ ...step, sigma }] };
  }
  if (target.epsilon === undefined) {
    throw new UserError('target-missing', 'is missing; give ε here, or the noise as method.sigma', { field: 'target.epsilon' });
  }
  return calibrateSigma({ initialRadius, steps: [step] }, { epsilon: target.epsilon, delta: target.delta }, target.reference);
}

/**
 * The decay whose contraction 1 − γλ is a float32 number, nearest to the one asked for: what is accounted for is then what the engines
 * multiply by. Rounding it at every step instead would add up over a long schedule.
 */
function representableDecay(learningRate: number, decay: number): number {
  return (1 - Math.fround(1 - learningRate * decay)) / learningRate;
}

function costOf(mechanism: GradientClipping, reference: Reference, delta: number): Cost {
  const profile = account(mechanism, reference);
  return { mu: profile.mu ?? Number.POSITIVE_INFINITY, epsilon: profile.epsilon(delta) };
}
