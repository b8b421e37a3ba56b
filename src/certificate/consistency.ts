import type { Scope } from '../privacy/mechanism';
import { stagesOf } from '../privacy/stages';
import type { Predicate, Statement } from './statement';
import { treatmentBy } from './treatment';

/** Something on a certificate that does not fit something else on it. */
export interface Inconsistency {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly message: string;
  /** JSON path below the predicate, except for `subject`. */
  readonly field: string;
}

/** More steps than this are refused before they are counted through. */
export const MAXIMUM_STEPS = 10_000_000;
/** The same for model clipping, whose accounting takes far more work for each step. */
const MAXIMUM_MODEL_CLIPPING_STEPS = 100_000;

/** Everything about a well-formed statement that does not add up, except the accounting; see `recompute`. */
export function inconsistencies(statement: Statement): readonly Inconsistency[] {
  const { predicate } = statement;
  return [...subjects(statement), ...schedule(predicate), ...coverage(predicate), ...assumptions(predicate), ...data(predicate)];
}

function* subjects({ subject }: Statement): Generator<Inconsistency> {
  const twice = firstTwice(subject.map(({ name }) => name));
  if (twice !== undefined) yield { code: 'subject-twice', message: `The file ${twice} is listed twice.`, field: 'subject' };
}

function* schedule({ mechanism, centre, coverage: entries }: Predicate): Generator<Inconsistency> {
  const scope: Scope = mechanism.method === 'retrain' ? {} : mechanism;
  if ((centre === 'zero') !== ((scope.centre ?? 'origin') === 'origin')) yield { code: 'centre-differs', message: 'The centre of the schedule is not the one that is named.', field: 'centre' };
  const treated = new Map(entries.map(({ tensor, treatment }) => [tensor, treatment]));
  const thawed = scope.frozen?.find((name) => treated.get(name) !== 'public');
  if (thawed !== undefined) yield { code: 'frozen-not-public', message: `The tensor ${thawed} was left out of the schedule without being public.`, field: 'mechanism.frozen' };
  const stages = stagesOf(mechanism);
  const total = stages.flatMap(({ steps }) => steps).reduce((sum, { count }) => sum + count, 0);
  const most = mechanism.method === 'model-clipping' ? MAXIMUM_MODEL_CLIPPING_STEPS : MAXIMUM_STEPS;
  if (total > most) yield { code: 'schedule-too-long', message: `The schedule has ${total} steps; more than ${most} are not accepted.`, field: 'mechanism.steps' };
  if (!('blocks' in mechanism)) return;
  const blocks = mechanism.blocks.map(({ name }) => name);
  const noised = entries.flatMap(({ tensor, treatment }) => (treatment === 'noised' ? [tensor] : []));
  if ([...blocks].sort().join('\n') !== [...noised].sort().join('\n')) yield { code: 'blocks-differ', message: 'The blocks of the schedule are not the tensors that were noised.', field: 'mechanism.blocks' };
}

function* coverage({ coverage: entries, mechanism }: Predicate): Generator<Inconsistency> {
  const twice = firstTwice(entries.map(({ tensor }) => tensor));
  if (twice !== undefined) yield { code: 'coverage-twice', message: `The tensor ${twice} is listed twice.`, field: 'coverage' };
  for (const { tensor, shape, count, treatment } of entries) {
    if (shape === undefined || count === undefined) {
      if (treatment !== 'dropped') yield { code: 'coverage-without-shape', message: `The tensor ${tensor} has no shape or no count.`, field: 'coverage' };
    } else if (shape.reduce((product, dimension) => product * dimension, 1) !== count) {
      yield { code: 'coverage-count', message: `The tensor ${tensor} of shape [${shape.join(', ')}] does not have ${count} numbers.`, field: 'coverage' };
    }
  }
  const needed = treatmentBy(mechanism);
  if (!entries.some(({ treatment }) => treatment === needed)) yield { code: 'nothing-noised', message: `No tensor is ${needed}, so the schedule protects nothing.`, field: 'coverage' };
}

function* assumptions({ assumptions: entries, data: { duplicatesInRetain }, coverage: treated, centre }: Predicate): Generator<Inconsistency> {
  if (entries.some(({ id }, index) => id !== index + 1)) yield { code: 'assumptions-incomplete', message: 'The assumptions are not those numbered 1 to 7, in this order.', field: 'assumptions' };
  if (duplicatesInRetain.keptCount > 0 && entries.some(({ id, status }) => id === 2 && status === 'enforced')) {
    yield { code: 'duplicates-kept', message: 'Copies of forgotten records were kept, so assumption 2 cannot be called enforced.', field: 'assumptions[1]' };
  }
  const onTrust = typeof centre === 'object' || treated.some(({ treatment }) => treatment === 'public');
  if (onTrust && entries.some(({ id, status }) => id === 1 && status === 'enforced')) {
    yield { code: 'public-unstated', message: 'That something is public is the word of the signer, so assumption 1 cannot be called enforced.', field: 'assumptions[0]' };
  }
  if (entries.some(({ id, status }) => id === 4 && status === 'enforced')) {
    yield { code: 'choice-unstated', message: 'No program can enforce how settings were chosen, so assumption 4 cannot be called enforced.', field: 'assumptions[3]' };
  }
}

function* data({ data: { duplicatesInRetain, nearDuplicatesInRetain, forget, retain, evaluation }, metrics }: Predicate): Generator<Inconsistency> {
  for (const [name, found] of [['duplicatesInRetain', duplicatesInRetain], ['nearDuplicatesInRetain', nearDuplicatesInRetain]] as const) {
    if (found === undefined) continue;
    const field = `data.${name}`;
    if (found.keptCount > 0 && found.policy !== 'keep' && found.policy !== 'decided') yield { code: 'duplicates-kept', message: `Copies of forgotten records were kept although the policy is "${found.policy}".`, field };
    if ((found.forgottenCount ?? 0) > 0 && found.policy !== 'forget' && found.policy !== 'decided') yield { code: 'duplicates-count', message: `Copies of forgotten records were forgotten although the policy is "${found.policy}".`, field };
    if (found.keptCount > retain.count) yield { code: 'duplicates-count', message: 'More copies were kept than there are retained records.', field };
    if ((found.forgottenCount ?? 0) >= forget.count) yield { code: 'duplicates-count', message: 'More copies were forgotten than there are forgotten records besides.', field };
  }
  if (metrics.retain !== undefined && metrics.retain.count > retain.count) yield { code: 'metrics-count', message: 'More retained records were measured than there are.', field: 'metrics.retain' };
  if (metrics.evaluation !== undefined && metrics.evaluation.count > (evaluation?.count ?? 0)) yield { code: 'metrics-count', message: 'More evaluation records were measured than there are.', field: 'metrics.evaluation' };
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
