import { complement, forgottenInEvaluation, resolveDuplicates, type DuplicateDecision } from '../data/duplicates';
import type { SourceDataset, Standardization } from '../data/source-dataset';
import { openDecisions } from '../data/decisions';
import { resolveNearDuplicates, type NearDuplicateDecision } from '../data/near-duplicate-decision';
import type { NearDuplicate } from '../data/near-duplicates';
import { formatOfName } from '../data/format-of-name';
import { openDataset } from '../data/open-dataset';
import { selectForget, type Selection } from '../data/select-forget';
import type { SourceSpec } from '../data/source-spec';
import { splitByShare } from '../data/split';
import { UserError } from '../error';
import type { LoadedRequest } from '../request/load-request';

/** The data of a request, with every record's side decided. */
export interface RunData {
  readonly train: SourceDataset;
  readonly selection: Selection;
  readonly duplicates: DuplicateDecision;
  readonly nearDuplicates: NearDuplicateDecision | undefined;
  /** Sorted record numbers: what is forgotten (copies included, if the request says so). */
  readonly forget: Uint32Array;
  /** What gradients may come from: all the rest, less what is set aside to measure with. */
  readonly retain: Uint32Array;
  readonly evaluation: EvaluationData | undefined;
  /** The scaling computed on the retain set, where the request asks for one. */
  readonly standardization: Standardization | undefined;
}

export interface EvaluationData {
  readonly dataset: SourceDataset;
  /** Records equal to a forgotten one are left out: a measurement on them would speak of the forgotten. */
  readonly records: Uint32Array;
  readonly forgotten: number;
}

type Check = (dataset: SourceDataset, field: string) => void;

/** Opens the data, finds the records to forget and sees to their copies. `check` refuses data that do not fit the model. */
export async function openData({ request, folder }: LoadedRequest, check: Check): Promise<RunData> {
  const { train: source, evaluation: asked } = request.data;
  const raw = await openDataset(source, { base: folder, workspace: folder, field: 'data.train' });
  check(raw, 'data.train');
  const options = { base: folder, workspace: folder, sourceField: 'data.train' };
  const selection = await selectForget(source, raw.count, request.forget, { ...options, field: 'forget', dataset: raw });
  const decisions = await openDecisions(request.decisions, raw.count, options);
  const exact = { policy: request.duplicates, decisions };
  const selected = await resolveDuplicates(raw, selection.records, exact);
  const near = request.nearDuplicates === undefined ? undefined : await resolveNearDuplicates(raw, selected.forget, { source, spec: request.nearDuplicates, options, except: selected.duplicates, decisions });
  // Records that are forgotten because they resemble another may have exact copies of their own.
  const duplicates = near === undefined ? selected : await resolveDuplicates(raw, near.forget, { ...exact, before: selected });
  decisions.requireAllUsed();
  const { forget } = duplicates;
  const nearDuplicates = near && { ...near, kept: near.found.length - membersOf(forget, near.found) };
  const { retain, setAside } = await sidesOf(raw, forget, asked);
  if (retain.length === 0) {
    throw new UserError('forget-everything', 'no record is left to learn from', { field: 'data.evaluation', remedy: 'Forget fewer records, or set a smaller share of them aside for evaluation.' });
  }
  requireClassesKept(source, raw, forget);
  const standardization = source.standardize === true ? await raw.standardization(retain) : undefined;
  const scaled = (dataset: SourceDataset): SourceDataset => (standardization === undefined ? dataset : dataset.rescaled(standardization));
  const train = scaled(raw);
  const data = { train, selection, duplicates, nearDuplicates, forget, retain, standardization };
  if (setAside !== undefined) {
    return { ...data, evaluation: { dataset: train, records: setAside, forgotten: 0 } };
  }
  if (asked === undefined || 'share' in asked) {
    return { ...data, evaluation: undefined };
  }
  if (asked.standardize === true && standardization === undefined) {
    throw new UserError('scale-conflict', 'evaluation data are scaled as the training data are', { field: 'data.evaluation.standardize', remedy: 'Say "standardize" in data.train.' });
  }
  const evaluation = await openDataset(asked, { base: folder, workspace: folder, field: 'data.evaluation' });
  check(evaluation, 'data.evaluation');
  const forgotten = await forgottenInEvaluation(raw, forget, evaluation);
  const records = complement(evaluation.count, forgotten);
  if (records.length === 0) {
    throw new UserError('evaluation-all-forgotten', 'every evaluation record equals a forgotten one', { field: 'data.evaluation', remedy: 'Leave data.evaluation out, or name other records.' });
  }
  return { ...data, evaluation: { dataset: scaled(evaluation), records, forgotten: forgotten.length } };
}

/**
 * Classes that are numbered by the names of their folders are numbered by who is in them: without the forgotten records, a class of which none is kept
 * would not be there, and others would move up.
 * @throws UserError `class-forgotten`
 */
function requireClassesKept(source: SourceSpec, { labels, classCount = 0, count }: SourceDataset, forget: Uint32Array): void {
  if (source.format !== 'images' || source.classes !== undefined || formatOfName(source.path) !== undefined) return;
  const kept = new Set(Array.from(complement(count, forget), (record) => labels[record]));
  if (kept.size >= classCount) return;
  throw new UserError('class-forgotten', `no image is left of ${classCount - kept.size} of the ${classCount} classes, and classes are numbered by the names of their folders: what was forgotten would number the others`, { field: 'data.train.classes', remedy: 'List the classes in "classes", in the order of the outputs of the model.' });
}

/** How many of the near duplicates are forgotten in the end, as such or as exact copies of others. */
function membersOf(forget: Uint32Array, found: readonly NearDuplicate[]): number {
  const forgotten = new Set(forget);
  return found.filter(({ record }) => forgotten.has(record)).length;
}

/** Which records gradients may come from, and which are set aside where the evaluation data are a share of the training data. */
export async function sidesOf(dataset: SourceDataset, forget: Uint32Array, evaluation: LoadedRequest['request']['data']['evaluation']): Promise<{ readonly retain: Uint32Array; readonly setAside: Uint32Array | undefined }> {
  if (evaluation === undefined || !('share' in evaluation)) {
    return { retain: complement(dataset.count, forget), setAside: undefined };
  }
  const forgotten = new Set(forget);
  const split = await splitByShare(dataset, { share: evaluation.share, seed: evaluation.seed });
  const kept = (records: Uint32Array): Uint32Array => records.filter((record) => !forgotten.has(record));
  const setAside = kept(split.evaluation);
  return { retain: kept(split.training), setAside: setAside.length === 0 ? undefined : setAside };
}
