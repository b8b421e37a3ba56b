import { UserError } from '../error';
import { calibrateNoise } from '../privacy/calibrate-any';
import { fastestRate } from '../privacy/convex-head';
import { muFromTarget } from '../privacy/gaussian-dp';
import type { ConvexHead, Scope } from '../privacy/mechanism';
import type { MethodRequest, Request } from '../request/schema';
import { aim } from './aim';

/** What descent on one linear layer needs to be known of it and of the retained records. */
export interface HeadFacts {
  readonly loss: ConvexHead['loss'];
  /** A: the largest ‖(a, 1)‖₂ over the retained records, a the layer's input, 1 for the bias. */
  readonly inputRadius: number;
  /** Numbers in a. */
  readonly features: number;
  /** The largest norm that the loss's derivative in the layer's outputs can have at the centre. */
  readonly slope: number;
  /** ‖c‖, c the centre. */
  readonly centreNorm: number;
}

/** λ·T over the square of the input radius: at the fastest rate, about e^−14 of the start is left, and the noise that hides it is far below any weight. */
const DECAY_IN_ALL = 3.5;

/** The mechanism of a request; λ and γ that are not given follow from the input radius. Throws `UserError` where it does not apply. */
export function convexHeadOf(method: MethodRequest & { readonly name: 'convex-head' }, scope: Scope, { head, tensors }: { readonly head?: HeadFacts | undefined; readonly tensors: readonly unknown[] }, target: Request['target']): ConvexHead {
  if (head === undefined) {
    if (tensors.length === 0) throw new UserError('facts-missing', 'this method needs the largest input of the linear layer, which is not known yet', { field: 'method', remedy: 'It is known once model and data can be read: correct what is wrong with them, or choose another method.' });
    throw new UserError('not-one-linear-layer', 'more than one linear layer is trained, or something other than its outputs enters the loss, so nothing proves that training forgets its start', { field: 'method.name', remedy: 'Choose another method, such as layered-gradient-clipping.' });
  }
  const { loss, inputRadius } = head;
  const { initialRadius, steps: count, decay = (DECAY_IN_ALL / method.steps) * inputRadius ** 2 } = method;
  const fastest = fastestRate({ loss, decay, inputRadius });
  const { learningRate = fastest } = method;
  const rest = Math.min(learningRate * decay, 2 - learningRate * (2 / fastest - decay));
  if (!(rest > 0)) throw new UserError('no-contraction', `with a learning rate of ${learningRate} a step need not bring two models closer; at most ${Number((2 / (2 / fastest - decay)).toPrecision(6))} is allowed`, { field: 'method.learningRate', remedy: 'Write a smaller "learningRate", or leave it out for the fastest that is allowed.' });
  const build = (sigma: number): ConvexHead => ({ ...scope, method: method.name, loss, initialRadius, steps: [{ count, learningRate, decay, inputRadius }], sigma });
  if (method.sigma !== undefined) return build(method.sigma);
  const { sigma } = calibrateNoise(build(1), aim(target), target.reference);
  const room = roundingRoom(head, { initialRadius, learningRate, decay, rest, batchSize: method.batchSize });
  return build(sigma + room / muFromTarget(aim(target).epsilon, target.delta));
}

/**
 * How far the rounding of float64 can carry two runs apart, at most: the certificate accounts for real numbers, and σ has this much room above it.
 * A sum of n products is off by at most n·2⁻⁵³ of the sum of their sizes. A step is a contraction by ρ that moves c by at most γ·A·slope, so the iterates stay within
 * max(C0, γ·A·slope/(1 − ρ)) of c; and what is off in one step shrinks by ρ in each later one, which sums to 1/(1 − ρ).
 */
function roundingRoom({ loss, inputRadius, features, slope, centreNorm }: HeadFacts, { initialRadius, learningRate, decay, rest, batchSize }: { readonly initialRadius: number; readonly learningRate: number; readonly decay: number; readonly rest: number; readonly batchSize: number }): number {
  const unit = 2 ** -53;
  const norm = centreNorm + Math.max(initialRadius, (learningRate * inputRadius * slope) / rest);
  const scores = (features + 8) * unit * inputRadius * norm;
  const slopes = slope + (loss === 'squared' ? inputRadius * norm : 0);
  const gradient = inputRadius * (scores + (batchSize + 16) * unit * slopes);
  const step = learningRate * (gradient + 4 * unit * decay * norm) + 2 * unit * norm;
  return (2 * step) / rest;
}
