/** What the model page's editor in the extension host and its page in a webview say to each other. */
import type { ErrorData } from './engine-protocol';
import type { ModelReport } from './model-report';

export type { ErrorData, ModelReport };

/** What was found in the file. Names come from the file: they are data to be shown, never markup. */
export interface ModelMessage {
  readonly type: 'model';
  readonly name: string;
  readonly report: ModelReport;
}

/** The file could not be read as a model. */
export interface UnreadableModelMessage {
  readonly type: 'unreadable';
  readonly name: string;
  readonly error: ErrorData;
}

/** Whatever does not come from the file: it may change while the page is open. */
export interface SurroundingsMessage {
  readonly type: 'surroundings';
  /** In Restricted Mode the model is shown and nothing can be run. */
  readonly trusted: boolean;
  readonly certificates: readonly CertificateOfModel[];
}

/** A certificate of the workspace that says it is about this file. */
export interface CertificateOfModel {
  /** URI, by which the page asks for it. */
  readonly uri: string;
  /** Relative to the workspace. */
  readonly path: string;
  /** In words: `certified`. */
  readonly state: string;
  /** Why the state is what it is, in a sentence. */
  readonly detail: string | undefined;
}

export type ToModelPage = ModelMessage | UnreadableModelMessage | SurroundingsMessage;

export type FromModelPage =
  | { readonly type: 'ready' }
  | { readonly type: 'unlearn' }
  | { readonly type: 'certificate'; readonly uri: string };
