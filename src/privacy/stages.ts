import type { Mechanism } from './mechanism';

/** Equal steps in a row, whatever the method. */
export interface StageStep {
  readonly count: number;
  readonly learningRate: number;
  readonly decay: number;
  /** Undefined where gradients are not clipped. */
  readonly gradientRadius: number | undefined;
  /** The radius that the updated parameters are clipped to; undefined where they are not. */
  readonly modelRadius: number | undefined;
  readonly sigma: number;
}

/** What happens to one group of coordinates. */
export interface Stage {
  /** The block; undefined where all coordinates are one. */
  readonly block: string | undefined;
  /** C0; 0 where nothing of the trained model is used. */
  readonly initialRadius: number;
  readonly steps: readonly StageStep[];
}

/** Any mechanism as clipped starts followed by steps, for tables and charts: one entry for each block of coordinates. Nothing is accounted from it. */
export function stagesOf(mechanism: Mechanism): readonly Stage[] {
  switch (mechanism.method) {
    case 'gradient-clipping':
      return [{ block: undefined, initialRadius: mechanism.initialRadius, steps: mechanism.steps.map(stepOf) }];
    case 'layered-gradient-clipping':
    case 'sequential-subspaces':
      return mechanism.blocks.map(({ name, initialRadius, steps }) => ({ block: name, initialRadius, steps: steps.map(stepOf) }));
    case 'model-clipping': {
      const { initialRadius, initialSigma = 0, steps } = mechanism;
      return [{ block: undefined, initialRadius, steps: [...(initialSigma === 0 ? [] : [draw(initialSigma)]), ...steps.map(stepOf)] }];
    }
    case 'output-perturbation':
      return [{ block: undefined, initialRadius: mechanism.initialRadius, steps: [draw(mechanism.sigma)] }];
    case 'gaussian-restart':
      return [{ block: undefined, initialRadius: 0, steps: [draw(mechanism.sigma)] }];
    case 'convex-head':
      return [{ block: undefined, initialRadius: mechanism.initialRadius, steps: [...mechanism.steps.map(stepOf), draw(mechanism.sigma)] }];
    case 'retrain':
    case 'dp-sgd-group':
      return [];
  }
}

/** How many mini-batches a method reads: blocks that move side by side share theirs. */
export function batchesOf(mechanism: Mechanism): number {
  if (!('steps' in mechanism || 'blocks' in mechanism)) return 0;
  const schedules: readonly (readonly { readonly count?: number }[])[] = 'blocks' in mechanism ? mechanism.blocks.map(({ steps }) => steps) : [mechanism.steps];
  const counts = schedules.map((steps) => steps.reduce((sum, { count = 1 }) => sum + count, 0));
  return mechanism.method === 'layered-gradient-clipping' ? Math.max(0, ...counts) : counts.reduce((sum, count) => sum + count, 0);
}

type AnyStep = Pick<StageStep, 'learningRate' | 'decay'> & { readonly count?: number; readonly sigma?: number; readonly gradientRadius?: number; readonly modelRadius?: number };

function stepOf({ count = 1, learningRate, decay, gradientRadius, modelRadius, sigma = 0 }: AnyStep): StageStep {
  return { count, learningRate, decay, gradientRadius, modelRadius, sigma };
}

/** Noise alone. */
function draw(sigma: number): StageStep {
  return { count: 1, learningRate: 0, decay: 0, gradientRadius: undefined, modelRadius: undefined, sigma };
}
