import { openDecisions, type Decided, type DuplicateGroup } from '../data/decisions';
import { decideDuplicates, forgottenInEvaluation } from '../data/duplicates';
import { decideNearDuplicates } from '../data/near-duplicate-decision';
import { openDataset } from '../data/open-dataset';
import { previewSelection, type SelectionPreview } from '../data/preview';
import { recordSet } from '../data/record-set';
import { selectForget, type SelectOptions } from '../data/select-forget';
import type { SourceDataset } from '../data/source-dataset';
import { loadRequest } from '../request/load-request';
import type { Request } from '../request/schema';

export interface RequestPreview extends SelectionPreview {
  /** Kept records that are exactly equal to one to forget, whatever the request decides about them. */
  readonly copies: number;
  /** Kept records that resemble one to forget, where the request asks to look for them. */
  readonly nearDuplicates: number | undefined;
  /** Both of these, and copies of near duplicates that are forgotten too, by the forgotten record that they are like, with what the request says is to become of them; null where the run would be refused. */
  readonly groups: readonly DuplicateGroup[];
  /** Records of evaluation data of their own that are exactly equal to one to forget: they would be left out. */
  readonly copiesInEvaluation: number | undefined;
  /** Ids that no record has, where the request allows that. */
  readonly unmatchedIds: readonly string[];
  /** What each request of several selects. */
  readonly requests: readonly { readonly reference: string; readonly records: number }[];
}

/**
 * Whom a request would forget, without the model and without doing anything. Shows personal data: for the person at the screen only.
 * @param rows How many of the records to show.
 * @throws UserError for whatever is wrong in the request or the data.
 */
export async function previewRequest(path: string, rows: number): Promise<RequestPreview> {
  const { request, folder } = await loadRequest(path);
  const source = request.data.train;
  const dataset = await openDataset(source, { base: folder, workspace: folder, field: 'data.train' });
  const options = { base: folder, workspace: folder, sourceField: 'data.train', dataset };
  const { records, requests, unmatchedIds } = await selectForget(source, dataset.count, request.forget, options);
  const { exact, near, later } = await duplicatesOf(request, dataset, records, options);
  const preview = await previewSelection(source, dataset, records, { ...options, rows });
  return {
    ...preview,
    copies: countOf(exact),
    nearDuplicates: near && countOf(near),
    groups: [...exact.groups, ...(near?.groups ?? []), ...later],
    copiesInEvaluation: await copiesInEvaluation(request, dataset, records, folder),
    unmatchedIds,
    requests: requests.map(({ reference, records: selected }) => ({ reference, records: selected.length })),
  };
}

/** What is undecided counts as kept: deciding it may bring up copies of what is then forgotten too. */
async function duplicatesOf(request: Request, dataset: SourceDataset, records: Uint32Array, options: SelectOptions): Promise<{ readonly exact: Decided; readonly near: Decided | undefined; readonly later: readonly DuplicateGroup[] }> {
  const decisions = await openDecisions(request.decisions, dataset.count, options);
  const policy = request.duplicates;
  const exact = await decideDuplicates(dataset, records, { policy, decisions });
  if (request.nearDuplicates === undefined) return { exact, near: undefined, later: [] };
  const forget = recordSet([...records, ...exact.forgotten]);
  const duplicates = Uint32Array.from(exact.groups.flatMap(({ records: members }) => members));
  const near = await decideNearDuplicates(dataset, forget, { source: request.data.train, spec: request.nearDuplicates, options, except: duplicates, decisions });
  const before = { policy, forget, duplicates, kept: exact.kept.length, groups: exact.groups };
  return { exact, near, later: (await decideDuplicates(dataset, recordSet([...forget, ...near.forgotten]), { policy, decisions, before })).groups };
}

function countOf({ groups }: Decided): number {
  return groups.reduce((sum, { records }) => sum + records.length, 0);
}

async function copiesInEvaluation({ data: { evaluation } }: Request, dataset: SourceDataset, records: Uint32Array, folder: string): Promise<number | undefined> {
  if (evaluation === undefined || 'share' in evaluation) return undefined;
  return (await forgottenInEvaluation(dataset, records, await openDataset(evaluation, { base: folder, workspace: folder, field: 'data.evaluation' }))).length;
}
