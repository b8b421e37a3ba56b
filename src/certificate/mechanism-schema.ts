import { z } from 'zod';
import { text } from './fields';

/** Mechanisms as they stand on a certificate, one shape for each method; `account` checks the numbers. See `Mechanism` for their meaning. */

const nonNegative = z.number().nonnegative();
const count = z.int().positive().exactOptional();
const name = text;

const scope = {
  centre: z.enum(['origin', 'public']).exactOptional(),
  frozen: z.array(text).max(100_000).exactOptional(),
};

const clippingSteps = z.array(z.strictObject({ count, learningRate: nonNegative, decay: nonNegative, gradientRadius: nonNegative, sigma: nonNegative })).max(1_000_000);
const blocks = z.array(z.strictObject({ name, initialRadius: nonNegative, steps: clippingSteps })).min(1).max(100_000);

export const mechanismSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('gradient-clipping'), ...scope, initialRadius: nonNegative, steps: clippingSteps }),
  z.strictObject({ method: z.literal('layered-gradient-clipping'), ...scope, blocks }),
  z.strictObject({ method: z.literal('sequential-subspaces'), ...scope, blocks }),
  z.strictObject({
    method: z.literal('model-clipping'),
    ...scope,
    initialRadius: nonNegative,
    initialSigma: nonNegative.exactOptional(),
    steps: z.array(z.strictObject({ count, learningRate: nonNegative, decay: nonNegative, modelRadius: nonNegative, gradientRadius: nonNegative.exactOptional(), sigma: nonNegative })).max(1_000_000),
  }),
  z.strictObject({ method: z.literal('output-perturbation'), ...scope, initialRadius: nonNegative, sigma: nonNegative }),
  z.strictObject({ method: z.literal('gaussian-restart'), ...scope, sigma: nonNegative }),
  z.strictObject({ method: z.literal('retrain') }),
  z.strictObject({
    method: z.literal('convex-head'),
    ...scope,
    loss: z.enum(['softmax-cross-entropy', 'binary-cross-entropy', 'squared']),
    initialRadius: nonNegative,
    steps: z.array(z.strictObject({ count, learningRate: nonNegative, decay: z.number().positive(), inputRadius: nonNegative })).max(1_000_000),
    sigma: nonNegative,
  }),
]);
