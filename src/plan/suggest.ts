import type { RequestInput } from '../request/schema';

/**
 * Parameters to start from. The layered method takes its radii and noise from the target and the shapes of the model, which cost no privacy, so nothing
 * else needs to be chosen; the numbers are written out so that they can be changed.
 */
export function suggestMethod(): RequestInput['method'] {
  return { name: 'layered-gradient-clipping', noiseScale: 0.5, gradientShare: 0.5, learningRate: 0.1, decay: 1, steps: 100, batchSize: 128 };
}
