import { UserError } from '../error';
import { PrivacyError } from '../privacy/privacy-error';
import type { MethodRequest, Request } from '../request/schema';
import { mechanismOf } from './mechanism-of';
import { initialScaleOf, noiseAndSignal } from './noise-and-signal';
import type { PlanFacts } from './plan';
import { batchesOf } from '../privacy/stages';
import { totalVariationToRestart } from '../privacy/meaning';

/** What one method would do at the target of a request. */
export interface MethodOutlook {
  readonly method: MethodRequest['name'];
  /** The settings that the numbers are for, as a request would hold them. */
  readonly settings: MethodRequest;
  /** Why it cannot be used here; then nothing else is known. */
  readonly unavailable?: string;
  /** Standard deviation of all noise together on each coordinate of the result. */
  readonly noise?: number;
  /** The same over the usual scale of a fresh initialisation: near 0.5 recovery starts well, far above 1 it starts badly. */
  readonly noiseToInitialScale?: number;
  /** Total variation, at most, to an exact restart with the same recovery. */
  readonly distanceToRestart?: number;
  /** Passes over the retain set before the recovery. */
  readonly epochs?: number;
}

const radii = { initialRadius: 1, learningRate: 0.1 };

/** Each method as a user would begin with it; the one of the request as it stands. Radii are round numbers: nothing is looked at. */
const outlines: readonly MethodRequest[] = [
  { name: 'layered-gradient-clipping', noiseScale: 0.5, gradientShare: 0.5, learningRate: 0.1, decay: 1, steps: 100, batchSize: 128 },
  { name: 'gradient-clipping', ...radii, gradientRadius: 0.01, decay: 1, steps: 100, batchSize: 128 },
  { name: 'sequential-subspaces', ...radii, gradientRadius: 0.01, decay: 1, steps: 100, batchSize: 128 },
  { name: 'model-clipping', ...radii, decay: 0, steps: 50, batchSize: 128 },
  { name: 'output-perturbation', initialRadius: 1 },
  { name: 'convex-head', initialRadius: 20, steps: 3000, batchSize: 256 },
  { name: 'gaussian-restart' },
  { name: 'retrain' },
];

/** What every method would cost at the same target, in the order of `outlines`. */
export function compareMethods({ target, method, recovery }: Pick<Request, 'target' | 'method' | 'recovery'>, facts: PlanFacts): readonly MethodOutlook[] {
  return outlines.map((outline) => {
    const settings = outline.name === method.name ? method : outline;
    try {
      const mechanism = mechanismOf({ target, method: settings }, facts);
      const { noise } = noiseAndSignal(mechanism, facts.tensors);
      const batchSize = 'batchSize' in settings ? settings.batchSize : recovery.batchSize;
      return {
        method: settings.name,
        settings,
        noise,
        noiseToInitialScale: noise / initialScaleOf(facts.tensors),
        distanceToRestart: totalVariationToRestart(mechanism),
        epochs: (batchesOf(mechanism) * batchSize) / facts.retainCount,
      };
    } catch (error) {
      if (error instanceof UserError || error instanceof PrivacyError) return { method: settings.name, settings, unavailable: error.message };
      throw error;
    }
  });
}
