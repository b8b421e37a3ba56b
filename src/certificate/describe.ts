import { account } from '../privacy/account';
import type { Method } from '../privacy/mechanism';
import { batchesOf, stagesOf } from '../privacy/stages';
import type { Verdict } from './open-bundle';
import type { Metrics, Predicate, Statement } from './statement';
import { passes, type Verification } from './verify';

/** A certificate in plain words, as data: what the command line prints and what the certificate page draws. */
export interface Description {
  readonly title: string;
  /** `verified`: all three verdicts hold. `refuted`: one fails. `open`: none fails, and one could not be checked. */
  readonly outcome: 'verified' | 'refuted' | 'open';
  readonly summary: string;
  readonly verdicts: readonly { readonly name: string; readonly status: Verdict['status'] | 'asserted'; readonly detail: string }[];
  /** True if what follows is not validly signed, and is shown only because it was asked for. */
  readonly unverified: boolean;
  /** The rest is absent if the certificate cannot be read, or must not be. */
  readonly content: Content | undefined;
}

export interface Content {
  readonly forgotten: readonly string[];
  readonly guarantee: readonly string[];
  readonly notGuaranteed: readonly string[];
  readonly facts: readonly Fact[];
  readonly schedule: readonly ScheduleRow[];
  readonly coverage: readonly CoverageRow[];
  readonly assumptions: readonly { readonly id: number; readonly assumption: string; readonly enforcement: string; readonly status: string }[];
  readonly metrics: readonly { readonly data: string; readonly records: number; readonly loss: number; readonly accuracy: number | undefined }[];
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly state: string }[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** Equal steps in a row; `first` and `last` count from 1. */
export interface ScheduleRow {
  /** The tensor that the steps are of; undefined where all move as one. */
  readonly block: string | undefined;
  readonly first: number;
  readonly last: number;
  readonly learningRate: number;
  readonly decay: number;
  /** Undefined where gradients are not clipped. */
  readonly gradientRadius: number | undefined;
  /** Undefined where the parameters are not clipped after each step. */
  readonly modelRadius: number | undefined;
  readonly sigma: number;
}

export interface CoverageRow {
  readonly tensor: string;
  readonly shape: string;
  readonly count: number | undefined;
  readonly treatment: string;
  readonly why: string;
}

/** The seven assumptions that the guarantee stands on, in the order of their numbers. */
export const ASSUMPTIONS: readonly string[] = [
  'Everything in the released model that training data could have touched is noised, reset, recomputed from the retained data, public, or dropped.',
  'Gradients come from the retained data alone, in which no forgotten record and no exact copy of one is left.',
  'The noise is fresh at every step, comes from a cryptographic source, and its key is stored nowhere.',
  'Radii, step sizes, number of steps and noise were chosen without looking at the trained model or at the forgotten records.',
  'During the noisy steps the update remembers nothing but the parameters.',
  'Intermediate states stay private.',
  'The certificate says nothing about the original model or about the content of the forgotten records.',
];

/** Describes a verification. Every string from the certificate stays data: whoever draws it escapes it. */
export function describeCertificate(verification: Verification): Description {
  const { signature, model, accounting, run } = verification;
  const statement = verification.statement ?? verification.unverifiedStatement;
  const unverified = verification.statement === undefined;
  const verdicts = [
    { name: 'Signature valid', ...signature },
    { name: 'Model digest matches', ...model },
    { name: 'Accounting recomputes from the schedule', ...accounting },
    { name: 'The run itself', ...run },
  ];
  const failed = verdicts.filter(({ status }) => status === 'fail');
  const outcome = passes(verification) ? 'verified' : failed.length > 0 ? 'refuted' : 'open';
  const summary = {
    verified: 'The signature is valid, the model is the certified one, and the stated guarantee follows from the schedule.',
    refuted: `This certificate does not hold. ${failed[0]?.detail ?? ''}`,
    open: `Nothing speaks against this certificate, but not everything was checked. ${verdicts.find(({ status }) => status === 'unknown')?.detail ?? ''}`,
  }[outcome];
  return {
    title: 'Certificate of unlearning',
    outcome,
    summary,
    verdicts,
    unverified,
    content: statement === undefined ? undefined : contentOf(statement, verification),
  };
}

function contentOf(statement: Statement, verification: Verification): Content {
  const { predicate, subject } = statement;
  const states = new Map(verification.files.map(({ name, state }) => [name, state]));
  return {
    forgotten: forgotten(predicate),
    guarantee: guarantee(predicate, verification.accounting.status === 'pass'),
    notGuaranteed: predicate.limits,
    facts: facts(predicate),
    schedule: scheduleRows(predicate),
    coverage: predicate.coverage.map(({ tensor, shape, count, treatment, why }) => ({ tensor, shape: shape === undefined ? '' : shape.join(' × '), count, treatment, why })),
    assumptions: predicate.assumptions.map(({ id, enforcement, status }) => ({ id, assumption: ASSUMPTIONS[id - 1] ?? '', enforcement, status })),
    metrics: [
      ...(predicate.metrics.retain === undefined ? [] : [{ data: 'retained records', ...measured(predicate.metrics.retain) }]),
      ...(predicate.metrics.evaluation === undefined ? [] : [{ data: 'evaluation records', ...measured(predicate.metrics.evaluation) }]),
    ],
    files: subject.map(({ name, digest }) => ({ name, sha256: digest.sha256, state: states.get(name) ?? 'not checked' })),
  };
}

function forgotten({ data: { forget, retain, duplicatesInRetain, nearDuplicatesInRetain }, forgetRequests = [] }: Predicate): string[] {
  const { keptCount, policy, forgottenCount = 0 } = duplicatesInRetain;
  const copies = [
    ...(keptCount > 0 ? [`${amount(keptCount, 'exact copy', 'exact copies')} of forgotten records stayed among the retained ones by choice.`] : []),
    ...(policy === 'decided' && forgottenCount > 0 ? [`${amount(forgottenCount, 'exact copy was', 'exact copies were')} forgotten with them by choice.`] : []),
    ...(keptCount === 0 ? [policy === 'forget' ? 'Exact copies of forgotten records were forgotten with them.' : 'No exact copy of a forgotten record is left among the retained ones.'] : []),
  ].join(' ');
  const near = nearDuplicatesInRetain && [`Records that resemble a forgotten one without being equal to it were looked for: ${nearDuplicatesInRetain.forgottenCount ?? 0} of those found were forgotten too, ${nearDuplicatesInRetain.keptCount} kept.`];
  const requests = forgetRequests.map(({ reference, date, basis }) => ['Request', reference, date && `of ${date}`, basis && `(${basis})`].filter((part) => part !== undefined && part !== '').join(' '));
  return [`${amount(forget.count, 'record was', 'records were')} forgotten; ${amount(retain.count, 'record was', 'records were')} retained.`, copies, ...(near ?? []), ...requests];
}

const comparedWith = {
  retrained: 'a model made by the same procedure from training data that never had the forgotten records',
  centre: 'a model made by the same noise without any training data, followed by the same later training on the retained data',
} as const;

/** The sentences that ε and δ stand for. They are derived here and stored nowhere, so that nobody can sign other words for the same numbers. */
function guarantee({ guarantee: { epsilon, delta, reference, retrained, centre }, mechanism }: Predicate, recomputed: boolean): string[] {
  const sentences = [
    `(ε, δ)-unlearning with ε = ${shown(epsilon)} and δ = ${shown(delta)}.`,
    `Whatever anyone concludes from the released model, the chance of it differs from what it would be with ${comparedWith[reference]} by a factor of at most e^ε = ${shown(Math.exp(epsilon))}, and δ on top.`,
  ];
  if (recomputed) {
    // The total variation distance is δ at ε = 0, and the best guess between two equally likely cases is right half of one plus it.
    const guess = (1 + account(mechanism, reference).delta(0)) / 2;
    sentences.push(`Someone who must guess which of the two a model is, each being equally likely, is right at most ${shown(Math.ceil(guess * 1000) / 10)} % of the time; tossing a coin is right 50 %.`);
  }
  sentences.push(`Against the retrained reference the schedule costs ${costShown(retrained)}, against the centre reference ${costShown(centre)}, at the same δ.`);
  return sentences;
}

function costShown({ epsilon, mu }: Predicate['guarantee']['retrained']): string {
  return `ε = ${shown(epsilon)}${mu === undefined ? '' : ` (μ = ${shown(mu)})`}`;
}

function facts(predicate: Predicate): Fact[] {
  const { mechanism, centre, batchSize, recovery, engine, software, arithmetic, finishedOn } = predicate;
  const versions = Object.entries(engine.versions).map(([name, version]) => `${name} ${version}`).join(', ');
  return [
    { label: 'Method', value: methods[mechanism.method] },
    ...stagesOf(mechanism).map(({ block, initialRadius }) => ({ label: block === undefined ? 'Initial radius' : `Initial radius of ${block}`, value: shown(initialRadius) })),
    { label: 'Centre', value: centre === 'zero' ? 'zero' : centre === 'initial' ? 'the usual initial values of the architecture: one for gains, zero for all else' : `public base ${centre.sha256}` },
    { label: mechanism.method === 'convex-head' ? 'Steps before the noise' : 'Noisy steps', value: String(batchesOf(mechanism)) },
    { label: 'Batch size', value: String(batchSize) },
    { label: 'Recovery', value: recovery === undefined ? 'none' : recovery.steps === 1 ? `1 step on the retained data, batch size ${recovery.batchSize}: ${recovery.description}` : `${recovery.steps} steps on the retained data, batch size ${recovery.batchSize}: ${recovery.description}` },
    { label: 'Engine', value: versions === '' ? engine.name : `${engine.name} (${versions})` },
    { label: 'Software', value: `${software.name} ${software.version}` },
    { label: 'Arithmetic', value: `${arithmetic.precision}, radii less ${arithmetic.radiusMargin} for rounding; noise: ${arithmetic.noise}` },
    { label: 'Finished', value: finishedOn },
  ];
}

/** The schedule in its run-length form; nothing is expanded, however long it says it is. */
function scheduleRows({ mechanism }: Predicate): ScheduleRow[] {
  return stagesOf(mechanism).flatMap(({ block, steps }) => {
    let done = 0;
    return steps.map(({ count, ...step }): ScheduleRow => {
      const first = done + 1;
      done += count;
      return { block, first, last: done, ...step };
    });
  });
}

const methods: Readonly<Record<Method, string>> = {
  'gradient-clipping': 'gradient clipping (Koloskova et al., ICML 2025)',
  'layered-gradient-clipping': 'gradient clipping with radii and noise for each tensor (after Koloskova et al., ICML 2025)',
  'sequential-subspaces': 'gradient clipping of one tensor after the other (P. Dolgova, S. Stich, arXiv 2601.05134)',
  'model-clipping': 'model clipping (Koloskova et al., ICML 2025)',
  'output-perturbation': 'output perturbation',
  'gaussian-restart': 'restart from random parameters, drawn without the trained ones',
  retrain: 'training from a fresh initialisation on the retained data alone',
  'convex-head': 'descent on a strongly convex layer, then noise once (S. Neel, A. Roth, S. Sharifi-Malvajerdi, ALT 2021)',
  'dp-sgd-group': 'differentially private training',
};

function measured({ count, loss, accuracy }: Metrics): { readonly records: number; readonly loss: number; readonly accuracy: number | undefined } {
  return { records: count, loss, accuracy };
}

function amount(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Six digits are enough for people; the exact numbers are in the statement. */
function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
