import { reportIt, UserError } from '../error';
import type { Mechanism } from '../privacy/mechanism';
import { PrivacyError } from '../privacy/privacy-error';
import { costsOf, disagreement, type Costs } from './accounting';
import { inconsistencies } from './consistency';
import { requireExecution, type ExecutedRun } from './execution';
import { firstIssue } from './fields';
import { limitsOf } from './limits';
import { limitOfTail } from './noise-tail';
import { CERTIFICATE_TYPE, STATEMENT_TYPE, encodeStatement, statementSchema, type Coverage, type Metrics, type Predicate, type Statement } from './statement';
import { treatmentBy } from './treatment';

/** A tensor that the released model has, or had before something was dropped from its files. */
export interface TensorFact {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Everything a statement is made of. What can be computed is not asked for. */
export interface StatementInput {
  /** Every file of the released model: its path beside the certificate, and its SHA-256 in hex. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly target: Pick<Predicate['guarantee'], 'epsilon' | 'delta' | 'reference'>;
  readonly mechanism: Mechanism;
  readonly centre: Predicate['centre'];
  readonly run: ExecutedRun;
  /** All tensors of the model, whatever their role. */
  readonly tensors: readonly TensorFact[];
  /** Names of everything else in the model's files that training data could have touched. */
  readonly residues: readonly string[];
  readonly coverage: readonly Coverage[];
  readonly assumptions: Predicate['assumptions'];
  readonly inputModel: Predicate['inputModel'];
  readonly request: Predicate['request'];
  readonly data: Omit<Predicate['data'], 'evaluation'> & {
    readonly evaluation?: { readonly count: number; readonly forgottenRecords: number } | undefined;
  };
  readonly forgetRequests?: Predicate['forgetRequests'];
  readonly recovery?: Predicate['recovery'];
  readonly software: Predicate['software'];
  readonly arithmetic: Predicate['arithmetic'];
  /** Of the released model. */
  readonly metrics: { readonly retain?: Metrics | undefined; readonly evaluation?: Metrics | undefined };
  /** Sentences that are added to the usual limits. */
  readonly limits?: readonly string[];
  readonly finishedOn: Date;
}

/**
 * Makes the statement of a certificate, or refuses where the facts do not add up.
 * @throws UserError `execution-differs` if the run was less private than its schedule, `coverage-missing`, `coverage-unknown` or
 * `coverage-noise` if a tensor has no treatment or not the one it got, `evaluation-has-forgotten-records`, `accounting-differs`
 * if the schedule does not give ε at δ, `statement-invalid` for what is malformed or not accounted for, or a code of `inconsistencies`.
 */
export function createStatement(input: StatementInput): Statement {
  requireExecution(input.run, input.mechanism);
  requireCoverage(input);
  const { evaluation, ...data } = input.data;
  if (evaluation !== undefined && evaluation.forgottenRecords !== 0) {
    throw new UserError('evaluation-has-forgotten-records', `${evaluation.forgottenRecords} of the evaluation records are forgotten records, and a certificate must not speak of those.`, {
      field: 'data.evaluation',
      remedy: 'Leave them out of the evaluation data, or leave evaluation off the certificate.',
    });
  }
  const { engine, batchSize } = input.run;
  const guarantee = { ...input.target, ...accountFor(input) };
  const tail = limitOfTail({ guarantee, mechanism: input.mechanism, coverage: [...input.coverage] });
  const candidate = {
    _type: STATEMENT_TYPE,
    subject: input.files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: CERTIFICATE_TYPE,
    predicate: {
      guarantee,
      mechanism: input.mechanism,
      centre: input.centre,
      batchSize,
      recovery: input.recovery,
      coverage: input.coverage,
      assumptions: input.assumptions,
      inputModel: input.inputModel,
      request: input.request,
      data: { ...data, evaluation },
      forgetRequests: input.forgetRequests,
      engine: { name: engine.name, versions: engine.versions },
      software: input.software,
      arithmetic: input.arithmetic,
      metrics: input.metrics,
      limits: [...limitsOf(input.mechanism, input.data), ...(tail === undefined ? [] : [tail]), ...(input.limits ?? [])],
      finishedOn: input.finishedOn.toISOString(),
    },
  };
  return checked(candidate);
}

/** What a verifier will read: through the schema, and with every check that a verifier makes. */
function checked(candidate: unknown): Statement {
  const parsed = statementSchema.safeParse(candidate);
  if (!parsed.success) throw new UserError('statement-invalid', `This cannot stand on a certificate: ${firstIssue(parsed.error)}.`, { remedy: 'Correct or shorten that text where it is given, in the request or in a file name, and run again.' });
  const [first] = inconsistencies(parsed.data);
  if (first !== undefined) throw new UserError(first.code, first.message, { field: first.field, remedy: reportIt });
  const wrong = disagreement(parsed.data.predicate);
  if (wrong !== undefined) throw new UserError('accounting-differs', wrong, { field: 'guarantee', remedy: reportIt });
  // Through the bytes once, so that the statement is the one that a reader gets.
  return statementSchema.parse(JSON.parse(new TextDecoder().decode(encodeStatement(parsed.data))));
}

function accountFor({ mechanism, target }: StatementInput): Costs {
  try {
    return costsOf(mechanism, target.delta);
  } catch (cause) {
    if (!(cause instanceof PrivacyError)) throw cause;
    throw new UserError('statement-invalid', `The accountant refuses the schedule: ${cause.message}.`, { remedy: cause.remedy, cause, field: cause.field === undefined ? 'mechanism' : `mechanism.${cause.field}` });
  }
}

function requireCoverage({ tensors, residues, coverage, run, mechanism }: StatementInput): void {
  const treated = new Map(coverage.map((entry) => [entry.tensor, entry]));
  for (const { name, shape } of tensors) {
    const entry = treated.get(name);
    if (entry === undefined) throw new UserError('coverage-missing', `Nothing says what was done to the tensor ${name}.`, { field: 'coverage', remedy: reportIt });
    if (entry.shape?.join() !== shape.join()) throw new UserError('coverage-shape', `The tensor ${name} has the shape [${shape.join(', ')}].`, { field: 'coverage', remedy: reportIt });
  }
  for (const name of residues) {
    if (!treated.has(name)) throw new UserError('coverage-missing', `Nothing says what was done to ${name}.`, { field: 'coverage', remedy: reportIt });
  }
  const known = new Set([...tensors.map(({ name }) => name), ...residues]);
  const unknown = coverage.find(({ tensor }) => !known.has(tensor));
  if (unknown !== undefined) throw new UserError('coverage-unknown', `The model has nothing called ${unknown.tensor}.`, { field: 'coverage', remedy: reportIt });

  const treatment = treatmentBy(mechanism);
  const touched = new Set(run.trainable);
  const wrong = coverage.find((entry) => (entry.treatment === treatment) !== touched.has(entry.tensor));
  if (wrong !== undefined) throw new UserError('coverage-noise', touched.has(wrong.tensor) ? `${wrong.tensor} is listed as ${wrong.treatment}, but the run ${treatment} it.` : `${wrong.tensor} is listed as ${wrong.treatment}, but the run left it as it was.`, { field: 'coverage', remedy: reportIt });
  const outside = run.trainable.find((name) => !treated.has(name));
  if (outside !== undefined) throw new UserError('coverage-missing', `The run ${treatment} ${outside}, which is not in the model.`, { field: 'coverage', remedy: reportIt });
}
