import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openDataset } from '../data/open-dataset';
import { countRecords, openLabels } from '../data/open-labels';
import { previewBySelector, type Labelled } from '../data/preview';
import { Selector } from '../data/select-forget';
import { selectByParts } from '../data/selection-parts';
import type { ForgetSpec, SourceSpec } from '../data/source-spec';
import { UserError } from '../error';
import type { ForgetPreview, PreviewDataParameters } from '../protocol/data-report';
import { draftForget } from '../request/draft-forget';
import { draftSource, lacksLabel } from '../request/draft-source';
import { errorDataOf } from './errors-over-rpc';

interface Opened {
  /** Changes when the source or one of its files does. */
  readonly key: string;
  readonly source: SourceSpec;
  readonly labelled: Labelled;
  readonly unlabelled: UserError | undefined;
  readonly selector: Selector;
}

/** Previews one selection after the other while someone writes it; what does not change between them stays open. */
export class ForgetPreviewer {
  #opened: Opened | undefined;
  /** The question before. Questions take turns, because they share what is open. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param signal Stops a condition that is being looked up.
   * @returns undefined where the source does not say its files yet
   * @throws UserError for data that cannot be opened; `cancelled`.
   */
  preview(parameters: PreviewDataParameters, signal: AbortSignal): Promise<ForgetPreview | undefined> {
    const turn = this.#turn.then(() => this.#preview(parameters, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    this.#opened?.selector.close();
    this.#opened = undefined;
  }

  async #preview({ source: value, forget: written, folder }: PreviewDataParameters, signal: AbortSignal): Promise<ForgetPreview | undefined> {
    stopIf(signal);
    const source = draftSource(value);
    if (source === undefined) return undefined;
    const { forget, problems } = draftForget(written);
    const { labelled, selector, unlabelled } = await this.#open(source, forget, folder);
    // Said again and again: an interruption between two queries would be lost on the next one.
    let again: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      selector.interrupt();
      again = setInterval(() => selector.interrupt(), 50);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      stopIf(signal);
      const { parts, records } = await selectByParts(selector, forget);
      stopIf(signal);
      const preview = await previewBySelector(source, labelled, records, selector);
      stopIf(signal);
      const shown = parts.map(({ field, records: count, error }) => ({ field, records: count, error: error && errorDataOf(error) }));
      return { ...preview, parts: [...shown, ...problems.map((error) => ({ field: error.field, records: 0, error }))], unlabelled: unlabelled && errorDataOf(unlabelled) };
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearInterval(again);
    }
  }

  async #open(source: SourceSpec, forget: ForgetSpec, folder: string): Promise<Opened> {
    const compares = [forget, ...(forget.requests ?? [])].some(({ equalTo }) => equalTo !== undefined);
    const key = JSON.stringify([source, folder, compares, await stampsOf(source, folder)]);
    if (this.#opened?.key === key) return this.#opened;
    this.close();
    const options = { base: folder, workspace: folder };
    const field = 'data.train';
    const dataset = compares ? await openDataset(source, { ...options, field }) : undefined;
    const { labelled, unlabelled } = dataset === undefined ? await labelsOf(source, { ...options, field }) : { labelled: dataset, unlabelled: undefined };
    this.#opened = { key, source, labelled, unlabelled, selector: new Selector(source, labelled.count, { ...options, sourceField: field, dataset }) };
    return this.#opened;
  }
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new UserError('cancelled', 'cancelled; nothing was changed', { remedy: 'Ask again at any time.' });
}

/** Records can be counted before their labels can be told. */
async function labelsOf(source: SourceSpec, options: Parameters<typeof openLabels>[1]): Promise<Pick<Opened, 'labelled' | 'unlabelled'>> {
  const withoutLabels = async (unlabelled: UserError | undefined): Promise<Pick<Opened, 'labelled' | 'unlabelled'>> => {
    const count = await countRecords(source, options);
    return { labelled: { count, labels: new Int32Array(count), classCount: undefined }, unlabelled };
  };
  if ('label' in source && lacksLabel(source)) return withoutLabels(undefined);
  try {
    return { labelled: await openLabels(source, options), unlabelled: undefined };
  } catch (error) {
    if (!(error instanceof UserError) || error.field?.startsWith(`${options?.field ?? ''}.label`) !== true || !('path' in source)) throw error;
    return withoutLabels(error);
  }
}

/** Sizes and times of the files that a source names outright. */
async function stampsOf(source: SourceSpec, folder: string): Promise<readonly string[]> {
  const named = 'path' in source ? [source.path] : [source.features, source.labels ?? [], source.records ?? []];
  return Promise.all(named.flat().map((name) => stat(resolve(folder, name)).then(({ size, mtimeMs }) => `${size} ${mtimeMs}`, () => 'none')));
}
