import { z } from 'zod';
import { forget, source } from './data-schema';

/**
 * The request file `NAME.unlearn.json`: everything that a run does, in one text that people review and git keeps.
 * Paths are relative to the folder of the request file. The descriptions are what an editor shows on hover.
 */

const path = z.string().min(1).max(4096);
const positive = z.number().positive();
const nonNegative = z.number().nonnegative();
const count = z.int().positive();

const target = z.strictObject({
  epsilon: positive.max(700).optional().describe('ε > 0. Smaller is more private. May be left out if method.sigma says the noise.'),
  delta: z.number().positive().lt(1).gte(1e-300).describe('δ between 0 and 1: the chance, at most, that the bound by ε does not hold. Choose it well below 1 / (number of records).'),
  reference: z.enum(['retrained', 'centre']).default('retrained')
    .describe('What the result is indistinguishable from. retrained: the same procedure on a model that never saw the data. centre: the same noise without any training data.'),
}).describe('The privacy target.');

const gradientClipping = z.strictObject({
  name: z.literal('gradient-clipping'),
  initialRadius: positive.describe('C0: the trained parameters are first scaled to at most this norm. Choose it without looking at them.'),
  gradientRadius: nonNegative.describe('C1: every mini-batch gradient is scaled to at most this norm.'),
  learningRate: positive.describe('γ: step size of the noisy steps.'),
  decay: nonNegative.describe('λ: pull towards zero at each noisy step. γ·λ must be below 2.'),
  steps: count.max(10_000_000).describe('T: the number of noisy steps.'),
  batchSize: count.max(1_000_000).default(128).describe('Records in each mini-batch of the noisy steps.'),
  sigma: positive.optional().describe('σ: standard deviation of the noise at each step. Computed from the target unless given.'),
}).describe('Noisy fine-tuning with clipped gradients (Koloskova et al., ICML 2025).');

const recovery = z.strictObject({
  epochs: z.number().nonnegative().max(10_000).default(1).describe('Passes over the retain set. 0 leaves the model as the noise left it.'),
  optimizer: z.enum(['sgd', 'adam']).default('sgd'),
  learningRate: positive.default(0.05),
  schedule: z.enum(['constant', 'cosine', 'one-cycle']).default('cosine').describe('How the learning rate goes over the recovery.'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('Momentum of sgd.'),
  weightDecay: nonNegative.default(0),
  batchSize: count.max(1_000_000).default(128),
}).describe('Ordinary fine-tuning on the retain set after the noise. It costs no privacy.');

export const requestSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1).describe('Version of this file format.'),
  model: path.describe('The trained model: a Keras .h5 file or a TensorFlow.js model.json.'),
  loss: z.enum(['softmax-cross-entropy', 'binary-cross-entropy', 'mean-squared-error']).optional().describe('Read off the last layer unless given.'),
  data: z.strictObject({
    train: source.describe('The data that the model was trained on, with the records to forget still in it.'),
    evaluation: source.optional().describe('Records that the model was not trained on, to measure it with.'),
  }),
  forget,
  duplicates: z.enum(['refuse', 'forget', 'keep']).default('refuse')
    .describe('What to do with records that are not forgotten but exactly equal to one that is. keep is stated on the certificate.'),
  target,
  method: gradientClipping,
  recovery: recovery.prefault({}),
  engine: z.enum(['auto', 'onnxruntime', 'tensorflow']).default('auto').describe('auto times one step on each and takes the faster.'),
  seed: z.int().nonnegative().default(0).describe('Seed of the order of the records. The noise has no seed.'),
  output: path.optional().describe('Where the unlearned model goes. Beside the original unless given.'),
  certificate: path.optional().describe('Where the certificate goes. Beside the unlearned model unless given.'),
}).refine((request) => request.target.epsilon !== undefined || request.method.sigma !== undefined, { path: ['target', 'epsilon'], message: 'is missing; give ε here, or the noise as method.sigma' })
  .describe('A request to certified-unlearning to make a model forget records of its training data.');

/** A valid request, with every default filled in. */
export type Request = z.output<typeof requestSchema>;
/** A request as people write it: what has a default may be left out. */
export type RequestInput = z.input<typeof requestSchema>;
