import canonicalize from 'canonicalize';
import { z } from 'zod';
import { count, fileName, sha256, text } from './fields';
import { mechanismSchema } from './mechanism-schema';
import { isExact } from './treatment';

/**
 * What a certificate says: an in-toto Statement v1 whose predicate holds all that a verifier needs, and nothing else.
 *
 * The certificate is released together with the model, so it must not leak either. Every field is a function of the released
 * model, of the retain data and of public parameters, or a salted commitment. There is no field for anything measured on the
 * original model or on the forgotten records, and unknown fields are refused, so that none can slip in.
 */

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const CERTIFICATE_TYPE = 'https://certified-unlearning.github.io/certificate/v1';

const nonNegative = z.number().nonnegative();

const subject = z.array(z.strictObject({ name: fileName, digest: z.strictObject({ sha256 }) })).min(1).max(100_000);

/** μ is left out where the guarantee is not Gaussian. */
const cost = z.strictObject({ mu: nonNegative.exactOptional(), epsilon: nonNegative });

const saltedCommitment = z.strictObject({ algorithm: z.literal('sha256-salted'), digest: sha256 });
const recordCommitment = z.strictObject({ algorithm: z.literal('rfc6962-sha256-salted'), root: sha256 });
const records = z.strictObject({ count: z.int().positive(), commitment: recordCommitment });

/** Retained records that were found like a forgotten one: `decided` one by one, or all by one policy; how many stayed, and how many were forgotten too. */
const foundInRetain = z.strictObject({ policy: z.enum(['refuse', 'forget', 'keep', 'decided']), keptCount: count, forgottenCount: count.optional() });

const metrics = z.strictObject({ count: z.int().positive(), loss: z.number(), accuracy: z.number().min(0).max(1).optional() });

const coverage = z.strictObject({
  tensor: text,
  /** Row-major shape; a scalar is []. Left out, with the count, for what is dropped without having been a tensor. */
  shape: z.array(count).max(64).optional(),
  count: count.optional(),
  treatment: z.enum(['noised', 'reset', 'recomputed', 'public', 'dropped']),
  why: text,
});

const assumption = z.strictObject({ id: z.int().min(1).max(7), enforcement: text, status: z.enum(['enforced', 'stated']) });

const predicate = z.strictObject({
  guarantee: z.strictObject({
    /** The stated bound: ε at δ against `reference`. */
    epsilon: nonNegative,
    /** 0 only for what is exact: a run that never used the trained parameters. */
    delta: z.number().gte(0).lt(1),
    reference: z.enum(['retrained', 'centre']),
    /** What the schedule costs against either reference: μ of Gaussian differential privacy, and ε at the same δ. */
    retrained: cost,
    centre: cost,
  }),
  mechanism: mechanismSchema,
  /** The point that everything is clipped towards: zero, the usual initial values of the architecture, or a public base model by its digest. */
  centre: z.union([z.enum(['zero', 'initial']), z.strictObject({ sha256 })]),
  batchSize: z.int().positive(),
  /** Fine-tuning on the retain data after the last noise: post-processing, which costs nothing. */
  recovery: z.strictObject({ steps: count, batchSize: z.int().positive(), description: text }).optional(),
  coverage: z.array(coverage).min(1).max(100_000),
  assumptions: z.array(assumption).length(7),
  inputModel: saltedCommitment,
  request: saltedCommitment,
  data: z.strictObject({
    forget: records,
    retain: records,
    /** Retained records exactly equal to a forgotten one: how many there still are. */
    duplicatesInRetain: foundInRetain,
    /** The same for records that resemble a forgotten one, where the request asked to look for them. */
    nearDuplicatesInRetain: foundInRetain.optional(),
    /** Evaluation data holds no forgotten record: a measurement on one would speak of it. */
    evaluation: z.strictObject({ count: z.int().positive(), forgottenRecords: z.literal(0) }).optional(),
  }),
  forgetRequests: z.array(z.strictObject({ reference: text.optional(), date: z.iso.date().optional(), basis: text.optional() })).max(10_000).optional(),
  engine: z.strictObject({ name: text, versions: z.record(text, text) }),
  software: z.strictObject({ name: text, version: text }),
  arithmetic: z.strictObject({
    precision: z.literal('float32'),
    /** Relative margin below the stated radii that vectors are clipped to, so that rounding cannot carry them over. */
    radiusMargin: z.number().positive().lt(0.01),
    /** Where the randomness comes from and how it becomes Gaussian. */
    noise: text,
  }),
  /** Measured on the released model; empty where it could not be run. */
  metrics: z.strictObject({ retain: metrics.optional(), evaluation: metrics.optional() }),
  /** What is not guaranteed, in sentences. */
  limits: z.array(text).min(1).max(100),
  finishedOn: z.iso.datetime(),
}).refine(({ guarantee, mechanism }) => guarantee.delta > 0 || isExact(mechanism), { path: ['guarantee', 'delta'], message: 'is 0, which only what never used the trained parameters can state' });

export const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject,
  predicateType: z.literal(CERTIFICATE_TYPE),
  predicate,
});

export type Statement = z.output<typeof statementSchema>;
export type Predicate = Statement['predicate'];
export type Subject = Statement['subject'][number];
export type Coverage = Predicate['coverage'][number];
export type Treatment = Coverage['treatment'];
export type Assumption = Predicate['assumptions'][number];
export type Metrics = z.output<typeof metrics>;

/** The bytes that are signed: canonical JSON (RFC 8785) in UTF-8, so that equal statements are equal bytes. */
export function encodeStatement(statement: object): Uint8Array {
  const json = canonicalize(statement);
  if (json === undefined) throw new TypeError('A statement is an object.');
  return new TextEncoder().encode(json);
}
