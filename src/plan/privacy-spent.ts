import { account } from '../privacy/account';
import { epsilonFromMu } from '../privacy/gaussian-dp';
import { bestPrefix, visitEnergies } from '../privacy/gradient-clipping';
import type { ConvexHead, LayeredGradientClipping, Mechanism, ModelClipping, Reference, SequentialSubspaces } from '../privacy/mechanism';
import { spent, spread } from '../privacy/spent';
import { stagesOf, type StageStep } from '../privacy/stages';

/** One step of a schedule, as a chart or a table shows it. */
export interface PlanPoint {
  /** 1-based. */
  readonly step: number;
  /** Of several tensors with noise of their own, the largest. */
  readonly sigma: number;
  readonly learningRate: number;
  /** 0 where gradients are not clipped. */
  readonly gradientRadius: number;
  /** ε of releasing the state right after this step, at the δ of the target. Undefined before the first noise, where nothing is guaranteed. */
  readonly epsilon: number | undefined;
}

/** An ε above this says nothing. */
const MEANINGLESS = 1e4;
/** Model clipping is accounted anew for each point. */
const COSTLY_POINTS = 24;

/** Steps from one to another, both included. */
type Range = readonly [first: number, last: number];

/** The steps of a schedule, or of a range of them, evenly thinned to a few hundred at most. Empty for what is exact, and has no ε along the way. */
export function privacySpent(mechanism: Mechanism, reference: Reference, delta: number, points = 300, range?: Range): readonly PlanPoint[] {
  switch (mechanism.method) {
    case 'gradient-clipping': {
      const curve = spent(mechanism, reference, delta, points, range);
      return drawn(stagesOf(mechanism).map(({ steps }) => steps), curve.steps, (index) => curve.epsilon[index]);
    }
    case 'layered-gradient-clipping':
      return layered(mechanism, reference, delta, points, range);
    case 'sequential-subspaces':
      return sequential(mechanism, reference, delta, points, range);
    case 'model-clipping':
      return modelClipping(mechanism, reference, delta, range);
    case 'convex-head':
      return convexHead(mechanism, reference, delta, points, range);
    case 'output-perturbation':
      return drawn(stagesOf(mechanism).map(({ steps }) => steps), [1], () => account(mechanism, reference).epsilon(delta));
    case 'gaussian-restart':
    case 'retrain':
    case 'dp-sgd-group':
      return [];
  }
}

function layered(mechanism: LayeredGradientClipping, reference: Reference, delta: number, points: number, range: Range | undefined): readonly PlanPoint[] {
  const energies: number[] = [];
  for (const block of mechanism.blocks) {
    visitEnergies(block, reference, (step, energy) => {
      energies[step - 1] = (energies[step - 1] ?? 0) + energy;
    });
  }
  let least = Infinity;
  const best = energies.map((energy) => (least = Math.min(least, energy)));
  const steps = spread(range ?? [1, energies.length], points);
  return drawn(stagesOf(mechanism).map((stage) => stage.steps), steps, (index) => epsilonAt(best[(steps[index] ?? 1) - 1] ?? Infinity, delta));
}

/** Nothing is guaranteed before the last block has been noised: until then the others are as they were trained. */
function sequential(mechanism: SequentialSubspaces, reference: Reference, delta: number, points: number, range: Range | undefined): readonly PlanPoint[] {
  const stages = mechanism.blocks.map(({ steps }) => steps.reduce((sum, { count = 1 }) => sum + count, 0));
  const total = stages.reduce((sum, count) => sum + count, 0);
  const before = total - (stages.at(-1) ?? 0);
  let energy = 0;
  for (const block of mechanism.blocks.slice(0, -1)) {
    let whole = Infinity;
    visitEnergies(block, reference, (_, value) => (whole = value));
    energy += whole;
  }
  const last = mechanism.blocks.at(-1);
  const best: number[] = [];
  if (last !== undefined) bestPrefix(last, reference, (_, { mu }) => best.push(energy + mu ** 2));
  const steps = spread(range ?? [1, total], points);
  return drawn([stagesOf(mechanism).flatMap((stage) => stage.steps)], steps, (index) => epsilonAt(best[(steps[index] ?? 1) - 1 - before] ?? Infinity, delta));
}

function modelClipping(mechanism: ModelClipping, reference: Reference, delta: number, range: Range | undefined): readonly PlanPoint[] {
  const stages = stagesOf(mechanism).map((stage) => stage.steps);
  const initial = (mechanism.initialSigma ?? 0) > 0 ? 1 : 0;
  const steps = spread(range ?? [1, (stages[0] ?? []).reduce((sum, { count }) => sum + count, 0)], COSTLY_POINTS);
  return drawn(stages, steps, (index) => account({ ...mechanism, steps: prefix(mechanism.steps, (steps[index] ?? 1) - initial) }, reference).epsilon(delta));
}

/** ε if the noise came after this step. */
function convexHead(mechanism: ConvexHead, reference: Reference, delta: number, points: number, range: Range | undefined): readonly PlanPoint[] {
  const stages = stagesOf(mechanism).map((stage) => stage.steps);
  const total = mechanism.steps.reduce((sum, { count = 1 }) => sum + count, 0);
  const steps = spread(range ?? [1, total + 1], points);
  return drawn(stages, steps, (index) => {
    const { mu = Infinity } = account({ ...mechanism, steps: prefix(mechanism.steps, Math.min(total, steps[index] ?? 1)) }, reference);
    const epsilon = epsilonAt(mu ** 2, delta);
    return epsilon !== undefined && epsilon < MEANINGLESS ? epsilon : undefined;
  });
}

function epsilonAt(energy: number, delta: number): number | undefined {
  return energy < Infinity ? epsilonFromMu(Math.sqrt(energy), delta) : undefined;
}

/** The first steps of a run-length encoded schedule. */
function prefix<Step extends { readonly count?: number }>(steps: readonly Step[], length: number): readonly Step[] {
  let left = length;
  return steps.flatMap((step) => {
    const count = Math.min(left, step.count ?? 1);
    left -= count;
    return count === 0 ? [] : [{ ...step, count }];
  });
}

/** Points at the given steps, of stages that go side by side. */
function drawn(stages: readonly (readonly StageStep[])[], steps: Iterable<number>, epsilonOf: (index: number) => number | undefined): readonly PlanPoint[] {
  const lookups = stages.map(walk);
  return Array.from(steps, (step, index) => {
    const at = lookups.map((stepAt) => stepAt(step));
    const epsilon = epsilonOf(index);
    return {
      step,
      sigma: Math.max(...at.map(({ sigma }) => sigma)),
      learningRate: at[0]?.learningRate ?? 0,
      gradientRadius: Math.hypot(...at.map(({ gradientRadius }) => gradientRadius ?? 0)),
      epsilon: epsilon !== undefined && Number.isFinite(epsilon) ? epsilon : undefined,
    };
  });
}

/** Looks up steps by number, in ascending order. */
function walk(steps: readonly StageStep[]): (step: number) => StageStep {
  let index = 0;
  let end = steps[0]?.count ?? 1;
  return (step) => {
    while (step > end && index + 1 < steps.length) {
      index += 1;
      end += steps[index]?.count ?? 1;
    }
    const found = steps[index];
    if (found === undefined) {
      throw new RangeError('a schedule has at least one step');
    }
    return found;
  };
}
