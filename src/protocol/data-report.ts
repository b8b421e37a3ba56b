import type { DuplicateGroup } from '../data/decisions';
import type { ArraySummary } from '../data/inspect-arrays';
import type { ColumnSummary } from '../data/inspect-table';
import type { SelectionPreview } from '../data/preview';
import type { SourceSpec } from '../data/source-spec';
import type { ErrorData } from './engine-protocol';

export type { ArraySummary, ColumnSummary, DuplicateGroup };
export type SourceFormat = SourceSpec['format'];

/** Asks what is really in the files of a source of records. */
export interface InspectDataParameters {
  /** `data.train` or `data.evaluation` as the request has it, complete or not. */
  readonly source: unknown;
  /** Absolute path that its paths start from. */
  readonly folder: string;
  /** Where the source stands in the request. */
  readonly field: string;
}

/** What was found, part by part: what is wrong with one part does not hide the others. */
export interface DataReport {
  /** The table of the records: the source itself, the list of its images, or the table beside its arrays. */
  readonly table: { readonly rows: number; readonly columns: readonly ColumnSummary[]; /** Columns there are beyond those listed. */ readonly more: number } | undefined;
  /** The tables of a database file. */
  readonly tables: readonly string[] | undefined;
  readonly features: readonly ArraySummary[] | undefined;
  readonly labels: readonly ArraySummary[] | undefined;
  /** Size of the first image as [height, width, channels]. */
  readonly image: readonly number[] | undefined;
  readonly problems: readonly ErrorData[];
}

/** Asks what a selection would do, as far as it can be told. */
export interface PreviewDataParameters {
  readonly source: unknown;
  /** `forget` of the request, as it is being written. */
  readonly forget: unknown;
  readonly folder: string;
}

export interface ForgetPreview extends SelectionPreview {
  /** What each way to select finds by itself, or what is wrong with it. */
  readonly parts: readonly { readonly field: string; readonly records: number; readonly error: ErrorData | undefined }[];
  /** Why there is no balance of the classes. */
  readonly unlabelled: ErrorData | undefined;
}
