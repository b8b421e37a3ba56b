import { UserError } from '../error';
import { calibrateNoise } from '../privacy/calibrate-any';
import { layerScaled } from '../privacy/layer-scaled';
import { usualScale, type Layer } from '../privacy/meaning';
import type { Block, GradientClippingStep, Mechanism, Reference, Scope, SequentialSubspaces, Target } from '../privacy/mechanism';
import { stepsOfPlan, type SchedulePlan } from '../privacy/shapes';
import type { MethodRequest, Request } from '../request/schema';
import { aim } from './aim';
import { convexHeadOf, type HeadFacts } from './convex-head';
import { initialScaleOf, type TensorFacts } from './noise-and-signal';
import { shapeOf } from './shape-of';

/** What the mechanism of a request is made from, besides the request. Nothing in it comes from the trained values or from the forgotten records. */
export interface MechanismFacts {
  readonly tensors: readonly TensorFacts[];
  /** Where everything is clipped to; the origin unless given. */
  readonly centre?: 'public' | undefined;
  /** Tensors that are left alone because they are bit-identical to a public base. */
  readonly frozen?: readonly string[] | undefined;
  /** Present where all that is trained is one linear layer on fixed inputs, under a loss that is convex in it. */
  readonly head?: HeadFacts | undefined;
}

/** Where a restart draws less noise than a usual initialisation: enough symmetry is broken, and recovery starts quickly. */
export const USUAL_SHARE = 0.5;

/**
 * The mechanism of a request, its noise calibrated to the target unless it is given.
 * Throws `PrivacyError` where the target cannot be met or a number is out of range, `UserError` `target-missing` and `facts-missing`.
 */
export function mechanismOf({ target, method }: Pick<Request, 'target' | 'method'>, facts: MechanismFacts): Mechanism {
  const scope: Scope = { ...(facts.centre === undefined ? {} : { centre: facts.centre }), ...(facts.frozen === undefined || facts.frozen.length === 0 ? {} : { frozen: facts.frozen }) };
  requireContraction(method);
  switch (method.name) {
    case 'gradient-clipping': {
      const plan = planOf(method, scope, method);
      return calibrated((sigma) => ({ ...scope, method: method.name, initialRadius: plan.initialRadius, steps: exactSteps({ ...plan, sigma }) }), method.sigma, target);
    }
    case 'layered-gradient-clipping':
      return layered(method, scope, facts, aim(target), target.reference);
    case 'sequential-subspaces': {
      const build = (sigma: number): SequentialSubspaces => ({ ...scope, method: method.name, blocks: blocksOf({ ...planOf(method, scope, method), sigma }, facts.tensors) });
      return calibrated(build, method.sigma, target);
    }
    case 'model-clipping': {
      const { initialRadius, modelRadius = initialRadius, gradientRadius, learningRate, decay, steps: count } = method;
      const step = { count, learningRate, decay: representableDecay(learningRate, decay), modelRadius, ...(gradientRadius === undefined ? {} : { gradientRadius }) };
      return calibrated((sigma) => ({ ...scope, method: method.name, initialRadius, steps: [{ ...step, sigma }] }), method.sigma, target);
    }
    case 'output-perturbation':
      return calibrated((sigma) => ({ ...scope, method: method.name, initialRadius: method.initialRadius, sigma }), method.sigma, target);
    case 'gaussian-restart':
      return { ...scope, method: method.name, sigma: method.sigma ?? USUAL_SHARE * initialScaleOf(requireTensors(facts.tensors)) };
    case 'retrain':
      return { method: method.name };
    case 'convex-head':
      return convexHeadOf(method, scope, facts, target);
  }
}

/** A convex head has a condition of its own on its learning rate. */
function requireContraction(method: MethodRequest): void {
  if (!('decay' in method) || method.name === 'convex-head' || method.learningRate * method.decay < 2) return;
  throw new UserError('decay-too-large', `γ·λ is ${method.learningRate * method.decay}: from 2 on, every step throws the parameters farther from the centre than they were`, { field: 'method.decay', remedy: `Write a decay below ${2 / method.learningRate}, or a smaller learning rate.` });
}

function calibrated(build: (sigma: number) => Mechanism, sigma: number | undefined, target: Request['target']): Mechanism {
  return sigma === undefined ? calibrateNoise(build(1), aim(target), target.reference) : build(sigma);
}

interface Rates {
  readonly learningRate: number;
  readonly decay: number;
  readonly steps: number;
  readonly learningRateShape?: Parameters<typeof shapeOf>[0];
  readonly sigmaShape?: Parameters<typeof shapeOf>[0];
}

function planOf({ learningRate, decay, steps, learningRateShape, sigmaShape }: Rates, scope: Scope, radii: { readonly initialRadius: number; readonly gradientRadius: number }): SchedulePlan {
  return {
    ...scope,
    initialRadius: radii.initialRadius,
    gradientRadius: radii.gradientRadius,
    learningRate,
    learningRateShape: shapeOf(learningRateShape),
    decay,
    steps,
    sigma: 1,
    sigmaShape: shapeOf(sigmaShape),
  };
}

/** The steps of a plan in numbers that float32 arithmetic can use as they are. */
function exactSteps(plan: SchedulePlan): readonly GradientClippingStep[] {
  return joined(stepsOfPlan(plan).map((step) => ({ ...step, decay: representableDecay(step.learningRate, step.decay) })));
}

/** Equal steps in a row as one entry. */
function joined(steps: readonly GradientClippingStep[]): readonly GradientClippingStep[] {
  const runs: GradientClippingStep[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    const equal = last?.learningRate === step.learningRate && last.decay === step.decay && last.gradientRadius === step.gradientRadius && last.sigma === step.sigma;
    if (equal) runs[runs.length - 1] = { ...last, count: (last.count ?? 1) + (step.count ?? 1) };
    else runs.push(step);
  }
  return runs;
}

/**
 * Where the decay leaves less of the start than this, hardly any budget can be spent on it, whatever its radius: one that no parameters reach is as
 * good as an infinite one, and what is left of the budget is for the gradients.
 */
const NEXT_TO_NOTHING = 1e-9;

/** Radii in the proportions that the shares ask for: Δ = 2·C0·∏ρ + 2·Σ γ_t·C1·∏_{k>t} ρ_k, of which the second part is the gradients' share. */
function layered(method: MethodRequest & { readonly name: 'layered-gradient-clipping' }, scope: Scope, facts: MechanismFacts, target: Target, reference: Reference): Mechanism {
  const { gradientShare, noiseScale } = method;
  const shape = planOf(method, scope, { initialRadius: 1, gradientRadius: 1 });
  let left = 1;
  let reach = 0;
  for (const { count = 1, learningRate, decay } of exactSteps(shape)) {
    const contraction = Math.abs(1 - learningRate * decay);
    const power = contraction ** count;
    left *= power;
    reach = reach * power + learningRate * (contraction === 1 ? count : (1 - power) / (1 - contraction));
  }
  const share = left < NEXT_TO_NOTHING ? Math.max(gradientShare, NEXT_TO_NOTHING) : gradientShare;
  const gradientRadius = (Math.max(left, NEXT_TO_NOTHING) * share) / ((1 - share) * reach);
  const mechanism = layerScaled(layersOf(requireTensors(facts.tensors)), noiseScale, { ...shape, decay: representableDecay(shape.learningRate, shape.decay), gradientRadius }, target, reference);
  return { ...mechanism, blocks: mechanism.blocks.map((block) => ({ ...block, steps: joined(block.steps) })) };
}

function layersOf(tensors: readonly TensorFacts[]): readonly Layer[] {
  const smallest = Math.min(...tensors.map(({ fanIn }) => (fanIn === undefined ? Infinity : usualScale(fanIn))));
  let scale = Number.isFinite(smallest) ? smallest : 1;
  return tensors.map(({ name, count, fanIn }) => {
    // A bias takes the scale of the weights before it, as it is usually initialised (S. Marcel, Y. Rodriguez, ACM Multimedia 2010: Torch).
    if (fanIn !== undefined) scale = usualScale(fanIn);
    return { name, count, initialScale: scale };
  });
}

/** One block for each tensor, with radii whose squares add up to those of the plan. */
function blocksOf(plan: SchedulePlan, tensors: readonly TensorFacts[]): readonly Block[] {
  const dimension = requireTensors(tensors).reduce((sum, { count }) => sum + count, 0);
  return tensors.map(({ name, count }) => {
    const share = Math.sqrt(count / dimension);
    return { name, initialRadius: plan.initialRadius * share, steps: exactSteps({ ...plan, gradientRadius: plan.gradientRadius * share }) };
  });
}

function requireTensors(tensors: readonly TensorFacts[]): readonly TensorFacts[] {
  if (tensors.length === 0) throw new UserError('facts-missing', 'this method needs the shapes of the model, which are not known yet', { field: 'method', remedy: 'They are known once the model can be read: correct what is wrong with it, or choose another method.' });
  return tensors;
}

/**
 * The decay whose contraction 1 − γλ is a float32 number, nearest to the one asked for: what is accounted for is then what the engines
 * multiply by. Rounding it at every step instead would add up over a long schedule.
 */
function representableDecay(learningRate: number, decay: number): number {
  return learningRate === 0 ? 0 : (1 - Math.fround(1 - learningRate * decay)) / learningRate;
}
