import { resolveDuplicates } from '../data/duplicates';
import { openDataset } from '../data/open-dataset';
import { previewSelection, type SelectionPreview } from '../data/preview';
import { selectForget } from '../data/select-forget';
import { loadRequest } from '../request/load-request';

export interface RequestPreview extends SelectionPreview {
  /** Kept records that are exactly equal to one to forget, whatever the request decides about them. */
  readonly copies: number;
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
  const { duplicates } = await resolveDuplicates(dataset, records, 'keep');
  const preview = await previewSelection(source, dataset, records, { ...options, rows });
  return { ...preview, copies: duplicates.length, unmatchedIds, requests: requests.map(({ reference, records: selected }) => ({ reference, records: selected.length })) };
}
