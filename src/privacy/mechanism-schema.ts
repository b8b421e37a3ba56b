import { LARGEST, MOST_STEPS } from './checks';
import type { JsonSchema, ObjectSchema } from './json-schema';
import type { Method } from './mechanism';

function magnitude(description: string): JsonSchema {
  return { type: 'number', minimum: 0, maximum: LARGEST, description };
}

function object(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[], description: string): ObjectSchema {
  return { type: 'object', description, properties, required: Object.keys(properties).filter((name) => !optional.includes(name)), additionalProperties: false };
}

const count: JsonSchema = { type: 'integer', minimum: 1, maximum: MOST_STEPS, description: 'How many equal steps in a row; 1 unless given.' };
const learningRate = magnitude('γ: the step size.');
const decay: JsonSchema = { type: 'number', minimum: -LARGEST, maximum: LARGEST, description: 'λ: the pull towards the clipping centre.' };
const gradientRadius = magnitude('C1: the radius that the mean gradient is clipped to.');
const sigma = magnitude('σ: standard deviation of the noise on every coordinate.');
const initialRadius = magnitude('C0: the radius that the trained parameters are clipped to, chosen without looking at them.');

const clippingStep = object({ count, learningRate, decay, gradientRadius, sigma }, ['count'], 'One step of gradient clipping, or several equal ones.');
const clippingSteps: JsonSchema = { type: 'array', items: clippingStep, minItems: 1, description: 'The steps in order.' };
const blocks: JsonSchema = {
  type: 'array',
  minItems: 1,
  description: 'Groups of coordinates with radii and noise of their own.',
  items: object({ name: { type: 'string', description: 'For people.' }, initialRadius, steps: clippingSteps }, [], 'One group of coordinates.'),
};

const scope = {
  centre: { type: 'string', enum: ['origin', 'public'], description: 'What is clipped around: the origin, or a public base model.' },
  frozen: { type: 'array', items: { type: 'string' }, description: 'Names of tensors left out because they are bit-identical to a public base.' },
} as const satisfies Record<string, JsonSchema>;

const question = {
  $schema: { type: 'string' },
  reference: { type: 'string', enum: ['retrained', 'centre'], description: 'Which reference the top-level numbers of the answer are for; retrained unless given. Both are always reported.' },
  epsilon: { type: 'number', minimum: 0, maximum: 700, description: 'The ε to report δ at; 1 unless given.' },
  delta: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'The δ to report ε at; 1e-5 unless given.' },
} as const satisfies Record<string, JsonSchema>;

function method(name: Method, description: string, properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): ObjectSchema {
  return object({ method: { type: 'string', const: name }, ...properties }, optional, description);
}

function scopedMethod(name: Method, description: string, properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): ObjectSchema {
  return method(name, description, { ...properties, ...scope }, [...optional, ...Object.keys(scope)]);
}

/** Every mechanism as JSON, by its method; see `Mechanism` for the meaning. */
export const mechanismSchemas: Readonly<Record<Method, ObjectSchema>> = {
  'gradient-clipping': scopedMethod('gradient-clipping', 'Noisy descent with clipped gradients.', { initialRadius, steps: clippingSteps }),
  'layered-gradient-clipping': scopedMethod('layered-gradient-clipping', 'Gradient clipping with radii and noise for each block of coordinates; all blocks move in every step.', { blocks }),
  'sequential-subspaces': scopedMethod('sequential-subspaces', 'Blocks of coordinates noised one after the other, the rest frozen.', { blocks }),
  'model-clipping': scopedMethod(
    'model-clipping',
    'Noisy descent whose parameters are clipped after every step.',
    {
      initialRadius,
      initialSigma: magnitude('σ of the noise before the first step; 0 unless given.'),
      steps: {
        type: 'array',
        minItems: 1,
        description: 'The steps in order.',
        items: object(
          { count, learningRate, decay, modelRadius: magnitude('C2: the radius that the updated parameters are clipped to.'), gradientRadius, sigma },
          ['count', 'gradientRadius'],
          'One step of model clipping, or several equal ones. Without gradientRadius the gradient is not clipped.',
        ),
      },
    },
    ['initialSigma'],
  ),
  'output-perturbation': scopedMethod('output-perturbation', 'The clipped model with one draw of noise.', { initialRadius, sigma }),
  'gaussian-restart': scopedMethod('gaussian-restart', 'A fresh start from Gaussian noise around the centre.', { sigma }),
  retrain: method('retrain', 'Training from scratch on the retained records.', {}),
  'dp-sgd-group': method('dp-sgd-group', 'The original model, whose training was differentially private for every record.', {
    perRecord: {
      description: 'What the training guarantees for one record: μ-GDP, or (ε, δ)-DP.',
      oneOf: [
        object({ mu: magnitude('μ₀.') }, [], 'μ₀-GDP for every record.'),
        object(
          { epsilon: { type: 'number', minimum: 0, maximum: 700, description: 'ε₀.' }, delta: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'δ₀.' } },
          [],
          '(ε₀, δ₀)-DP for every record.',
        ),
      ],
    },
    groupSize: { type: 'integer', minimum: 1, maximum: 1e9, description: '|F|: how many records are forgotten, copies included.' },
  }),
  'convex-head': scopedMethod('convex-head', 'Descent on one linear layer over fixed inputs, then one draw of noise.', {
    loss: { type: 'string', enum: ['softmax-cross-entropy', 'binary-cross-entropy', 'squared'], description: 'Mean over the batch.' },
    initialRadius,
    steps: {
      type: 'array',
      minItems: 1,
      description: 'The steps in order.',
      items: object({ count, learningRate, decay, inputRadius: magnitude('A bound on the norm of the layer’s inputs, bias entry included.') }, ['count'], 'One unclipped, noiseless step, or several equal ones.'),
    },
    sigma,
  }),
};

/** The answer about a history has no numbers at its top: it gives both references for each request. */
const questionOfHistory = { $schema: question.$schema, epsilon: question.epsilon, delta: question.delta };

/** A mechanism with a question about it. */
export function withQuestion(schema: ObjectSchema): ObjectSchema {
  return { ...schema, properties: { ...schema.properties, ...question } };
}

/** A model that was unlearned and released several times, with a question about it; see `guaranteesOver`. */
export const historySchema: ObjectSchema = object(
  {
    releases: {
      type: 'array',
      minItems: 1,
      description: 'The releases in order, each in answer to one request.',
      items: object(
        {
          name: { type: 'string', description: 'For people.' },
          startsFrom: { type: 'integer', minimum: 0, description: 'The earlier release that the run started from, counted from 0; the original model unless given.' },
          mechanism: { description: 'What the run did.', oneOf: Object.values(mechanismSchemas) },
        },
        ['startsFrom'],
        'One request and the model released in answer to it.',
      ),
    },
    ...questionOfHistory,
  },
  Object.keys(questionOfHistory),
  'A model unlearned and released several times.',
);

/** The JSON Schema document of what `certified-unlearning account` reads. */
export function accountJsonSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'What to account for',
    description: 'Input of `certified-unlearning account`: a mechanism, or a history of releases. Radii, rates and noise levels are 0 or between 1e-60 and 1e60.',
    oneOf: [...Object.values(mechanismSchemas).map(withQuestion), historySchema],
  };
}
