import { z } from 'zod';
import { decisions, evaluation, forget, nearDuplicates, source } from './data-schema';

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

const batchSize = count.max(1_000_000).default(128).describe('Records in each mini-batch of the steps.');
const initialRadius = positive.describe('C0: the trained parameters are first scaled to at most this norm. Choose it without looking at them.');
const gradientRadius = nonNegative.describe('C1: every mini-batch gradient is scaled to at most this norm.');
const learningRate = positive.describe('γ: step size of the steps; the largest one where it changes.');
const decay = nonNegative.describe('λ: pull towards the centre at each step. γ·λ must be below 2.');
const steps = count.max(10_000_000).describe('T: the number of steps.');
const sigma = positive.optional().describe('σ: standard deviation of the noise at each step, the largest one where it changes. Computed from the target unless given.');

const shapeName = z.enum(['constant', 'geometric', 'linear', 'cosine']);
const final = nonNegative.optional().describe('The value at the end, as a share of the largest one: 0.1 for geometric, else 0, unless given.');
const namedShape = z.strictObject({ kind: shapeName, final }).refine((named) => named.kind !== 'constant' || named.final === undefined, { error: 'a constant shape ends as it begins; leave out final' });
const shape = z.union([
  shapeName,
  namedShape,
  z.strictObject({ kind: z.literal('warm-up'), steps: count.describe('Steps until the largest value is reached.'), then: z.union([shapeName, namedShape]).default('constant') }),
  z.strictObject({
    kind: z.literal('points'),
    points: z.array(z.tuple([z.number().min(0).max(1), nonNegative])).min(2).max(64)
      .refine((points) => points.every(([at], index) => index === 0 || at > (points[index - 1]?.[0] ?? 1)), { error: 'the fractions of points must ascend' })
      .describe('Pairs of a fraction of the run, 0 for the first step and 1 for the last, and the share of the largest value there, with straight lines between them.'),
  }),
  z.array(nonNegative).min(1).max(100_000),
]);
const shapes = {
  learningRateShape: shape.optional().describe('How the learning rate goes over the steps: constant unless given. A list gives one weight for each step.'),
  sigmaShape: shape.optional().describe('How the noise goes over the steps: constant unless given. A list gives one weight for each step.'),
};

const gradientClipping = z.strictObject({
  name: z.literal('gradient-clipping'),
  initialRadius, gradientRadius, learningRate, decay, steps, batchSize, sigma, ...shapes,
}).describe('Noisy fine-tuning with clipped gradients (Koloskova et al., ICML 2025). The same noise on every parameter.');

const layeredGradientClipping = z.strictObject({
  name: z.literal('layered-gradient-clipping'),
  noiseScale: positive.default(0.5).describe('Noise of each tensor in the end, as a share of its usual initial scale 1/√fan-in.'),
  gradientShare: z.number().min(0).lt(1).default(0.5).describe('Share of the privacy budget for learning during the noisy steps; the rest is for what is left of the trained parameters.'),
  learningRate: learningRate.default(0.1), decay: decay.default(1), steps: steps.default(100), batchSize, ...shapes,
}).describe('Noisy fine-tuning with clipped gradients, with radii and noise for each tensor that follow from its shape and the target. A good start for most models.');

const sequentialSubspaces = z.strictObject({
  name: z.literal('sequential-subspaces'),
  initialRadius, gradientRadius, learningRate, decay, steps: steps.describe('The number of noisy steps of each tensor.'), batchSize, sigma, ...shapes,
}).describe('Noisy fine-tuning of one tensor after the other, the rest frozen (Dolgova and Stich).');

const modelClipping = z.strictObject({
  name: z.literal('model-clipping'),
  initialRadius,
  modelRadius: positive.optional().describe('C2: the parameters are clipped to at most this norm after every step. C0 unless given.'),
  gradientRadius: positive.optional().describe('C1: clips the gradients too. They are not clipped unless given.'),
  learningRate, decay: decay.default(0), steps, batchSize, sigma,
}).describe('Noisy fine-tuning whose parameters are clipped after every step (Koloskova et al., ICML 2025).');

const outputPerturbation = z.strictObject({
  name: z.literal('output-perturbation'), initialRadius, sigma,
}).describe('The clipped model with one draw of noise: the simplest method, as a baseline.');

const gaussianRestart = z.strictObject({
  name: z.literal('gaussian-restart'),
  sigma: positive.optional().describe('σ of the fresh start. Half the usual scale of a fresh initialisation unless given.'),
}).describe('Random parameters, drawn without the trained ones, then recovery. Exact: ε = 0. The baseline to compare with.');

const retrain = z.strictObject({
  name: z.literal('retrain'),
}).describe('A fresh initialisation, then training on the retain set as the recovery says. Exact: ε = 0.');

const convexHead = z.strictObject({
  name: z.literal('convex-head'),
  initialRadius: initialRadius.default(20),
  decay: positive.optional().describe('λ: pull of every trained number towards the centre. Unless given, so much that the start is forgotten by the end.'),
  learningRate: positive.optional().describe('γ: step size. The one that forgets the start fastest unless given.'),
  steps: steps.default(3000),
  batchSize: count.max(1_000_000).default(256).describe('Records in each mini-batch of the steps.'),
  sigma,
}).describe('For models of which only one linear layer is trained: training with decay forgets its start by itself, so that hardly any noise is needed.');

const method = z.discriminatedUnion('name', [gradientClipping, layeredGradientClipping, sequentialSubspaces, modelClipping, outputPerturbation, gaussianRestart, retrain, convexHead], {
  error: ({ input }) => (typeof input === 'object' && input !== null && 'name' in input && input.name === 'dp-sgd-group'
    ? 'differentially private training needs no unlearning run: "certified-unlearning account" says what it guarantees for a group of records'
    : undefined),
}).describe('How to unlearn. See docs/methods.md for when to use which.');

const recovery = z.strictObject({
  epochs: z.number().nonnegative().max(10_000).default(1).describe('Passes over the retain set. 0 leaves the model as the noise left it.'),
  optimizer: z.enum(['sgd', 'adam']).default('sgd'),
  learningRate: positive.default(0.05),
  schedule: z.enum(['constant', 'cosine', 'one-cycle']).default('cosine').describe('How the learning rate goes over the recovery.'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('Momentum of sgd.'),
  weightDecay: nonNegative.default(0),
  clipNorm: positive.default(5).describe('Gradients longer than this are scaled down to it, so that one bad batch does not undo the rest. It has no part in the guarantee.'),
  batchSize: count.max(1_000_000).default(128),
  earlyStop: z.strictObject({
    patience: count.describe('Epochs without a better loss on the evaluation records before the recovery stops; the best parameters are kept.'),
  }).optional().describe('Stops the recovery early. Needs evaluation data that are a share of the kept records.'),
}).describe('Ordinary fine-tuning on the retain set after the noise. It costs no privacy.');

export const requestSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1).describe('Version of this file format.'),
  model: path.describe('The trained model: a Keras .h5 or .keras file, a TensorFlow.js model.json, an ONNX file, or a safetensors or PyTorch checkpoint.'),
  base: path.optional().describe('A public model of the same format and architecture that training started from and that no deletable data ever touched. Parameters are clipped around it, and tensors equal to it are left alone.'),
  publicBuffers: z.array(z.strictObject({
    name: z.string().min(1).max(1000).describe('Name of the tensor, as inspect lists it.'),
    reason: z.string().min(1).max(1000).describe('Why no deletable data ever touched it. It is printed on the certificate.'),
  })).max(1000).optional().describe('Vocabularies, boundaries and statistics of the model that were not taken from deletable data. They stay as they are, and the certificate says that this is the word of its signer.'),
  loss: z.enum(['softmax-cross-entropy', 'binary-cross-entropy', 'mean-squared-error']).optional().describe('Read off the last layer unless given.'),
  classWeights: z.array(positive).min(2).optional().describe('How much a record of each class counts in the loss: 1 for all unless given.'),
  augmentation: z.strictObject({
    flip: z.boolean().optional().describe('Mirror images left and right, half of the time.'),
    shift: z.int().positive().max(1000).optional().describe('Shift images by up to this many pixels.'),
    fill: z.number().optional().describe('Value of pixels from outside the image, after scaling: 0 unless given.'),
    layout: z.enum(['channels-first', 'channels-last']).default('channels-last'),
  }).optional().describe('Random changes of the retained images, at every reading.'),
  data: z.strictObject({
    train: source.describe('The data that the model was trained on, with the records to forget still in it.'),
    evaluation: evaluation.optional().describe('Records that the model was not trained on, to measure it with.'),
  }),
  forget,
  duplicates: z.enum(['refuse', 'forget', 'keep']).default('refuse')
    .describe('What to do with records that are not forgotten but exactly equal to one that is. keep is stated on the certificate.'),
  nearDuplicates: nearDuplicates.optional(),
  decisions: decisions.optional(),
  target,
  method,
  recovery: recovery.prefault({}),
  batchNormalization: z.enum(['batch', 'fixed']).default('batch')
    .describe('How batch normalisations normalise during noisy steps and recovery. batch: by mean and variance of the mini-batch at hand, as in ordinary training. fixed: by fixed numbers: 0 and 1 in the noisy steps, statistics of the retain set in the recovery. Either way the released statistics are computed from the retain set alone.'),
  engine: z.enum(['auto', 'onnxruntime', 'tensorflow']).default('auto').describe('auto times one step on each and takes the faster.'),
  seed: z.int().nonnegative().default(0).describe('Seed of the order of the records. The noise has no seed.'),
  output: path.optional().describe('Where the unlearned model goes. Beside the original unless given.'),
  certificate: path.optional().describe('Where the certificate goes. Beside the unlearned model unless given.'),
}).refine((request) => request.target.epsilon !== undefined || 'sigma' in request.method || request.method.name === 'retrain' || request.method.name === 'gaussian-restart', { path: ['target', 'epsilon'], message: 'is missing; give ε here, or the noise as method.sigma' })
  .describe('A request to certified-unlearning to make a model forget records of its training data.');

/** A valid request, with every default filled in. */
export type Request = z.output<typeof requestSchema>;
export type MethodRequest = Request['method'];
/** How a quantity goes over the steps, as a request says it. */
export type ShapeRequest = z.output<typeof shape>;
/** A request as people write it: what has a default may be left out. */
export type RequestInput = z.input<typeof requestSchema>;
