/** What the request's editor in the extension host and its panel in a webview say to each other. */
import type { Problem } from '../request/parse-request';
import type { Request } from '../request/schema';
import type { DataReport, DuplicateGroup, ForgetPreview } from './data-report';
import type { ErrorData, PlanReport, Progress, RunMetrics } from './engine-protocol';

/** What the accounting needs of a request. */
export type Planned = Pick<Request, 'target' | 'method' | 'recovery'>;

/** The request as it stands in the text document, saved or not. */
export interface DocumentMessage {
  readonly type: 'document';
  /** File name, for the heading. */
  readonly name: string;
  /** The JSON value as written, so that fields show what is there even where it is wrong; undefined while the text is not JSON. */
  readonly value: unknown;
  /** The parts that the accounting needs, defaults filled in; undefined while one of them is wrong. */
  readonly planned: Planned | undefined;
  readonly problems: readonly Problem[];
}

/** What the engine found in model and data. */
export type FactsMessage = { readonly type: 'facts' } & (
  | { readonly status: 'waiting'; readonly why: 'untrusted' | 'invalid' }
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly error: ErrorData }
  | { readonly status: 'ready'; readonly report: PlanReport; readonly outdated: boolean }
);

/** The last run of this request in this window. */
export type RunMessage = { readonly type: 'run' } & (
  | { readonly status: 'none' | 'queued' | 'cancelled' | 'lost' }
  | { readonly status: 'running'; readonly progress: Progress | undefined; readonly losses: readonly LossPoint[] }
  | { readonly status: 'failed'; readonly error: ErrorData }
  | { readonly status: 'succeeded'; readonly summary: RunSummary }
);

export interface LossPoint {
  readonly phase: 'noisy' | 'recovery';
  readonly step: number;
  readonly loss: number;
  /** Guaranteed if the run ended after this noisy step. */
  readonly epsilon?: number | undefined;
  /** Share of evaluation records (of retained ones where there are none) that are answered rightly after this step, where it was measured. */
  readonly accuracy?: number | undefined;
}

/** What the person who ran it is shown of a finished run, beside the certificate. */
export interface RunSummary {
  readonly model: string;
  readonly certificate: string;
  readonly epsilon: number;
  readonly delta: number;
  readonly engine: string;
  readonly seconds: number;
  /** Private: it speaks of the original model and of forgotten records. */
  readonly metrics: RunMetrics | undefined;
}

export interface TrustMessage {
  readonly type: 'trust';
  readonly trusted: boolean;
}

/** What is really in the files of the training data, or of evaluation data of their own; `none` while the request does not name them. */
export type DataMessage = { readonly type: 'data'; readonly of: InspectedSource } & (
  | { readonly status: 'none' | 'untrusted' | 'loading' }
  | { readonly status: 'failed'; readonly error: ErrorData }
  | { readonly status: 'ready'; readonly report: DataReport }
);

export type InspectedSource = 'train' | 'evaluation';

/** The answer to a question `count`, by its number. */
export type CountedMessage = { readonly type: 'counted'; readonly question: number } & (
  | { readonly status: 'none' }
  | { readonly status: 'failed'; readonly error: ErrorData }
  | { readonly status: 'ready'; readonly preview: ForgetPreview }
);

/** Copies and near duplicates of what the saved request would forget, by the forgotten record that they are like. */
export type GroupsMessage = { readonly type: 'groups' } & (
  | { readonly status: 'none' | 'loading' }
  | { readonly status: 'failed'; readonly error: ErrorData }
  | { readonly status: 'ready'; readonly groups: readonly DuplicateGroup[] }
);

export type ToPanel = DocumentMessage | FactsMessage | RunMessage | TrustMessage | DataMessage | CountedMessage | GroupsMessage;

/** A path in the request: `['method', 'decay']`. */
export type FieldPath = readonly (string | number)[];

export interface Edit {
  readonly path: FieldPath;
  /** The new JSON value; undefined removes the field. */
  readonly value: unknown;
}

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'edit'; readonly edits: readonly Edit[] }
  | { readonly type: 'browse'; readonly path: FieldPath }
  /** Chooses where records are, from the files there are, and writes it at this path. */
  | { readonly type: 'source'; readonly path: FieldPath }
  /** What this `forget` would do with the training data of the document. The next question cancels the one before. */
  | { readonly type: 'count'; readonly question: number; readonly forget: unknown }
  /** Saves the request and looks for copies and near duplicates. */
  | { readonly type: 'groups' }
  /** Saves a file that the panel made, where the user says. */
  | { readonly type: 'save'; readonly name: string; readonly base64: string }
  | { readonly type: 'run' }
  | { readonly type: 'cancel' }
  | { readonly type: 'show'; readonly what: 'text' | 'certificate' | 'model' | 'report' | 'log' | 'settings' };
