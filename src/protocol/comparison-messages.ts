/** What the host and the page that compares two certificates, or two runs, say to each other. */
import type { Description } from '../certificate/describe';
import type { Statement } from '../certificate/statement';
import type { RunReport } from './report-messages';

export type { Statement };

export interface ComparedCertificate {
  /** By which people tell it from the other. */
  readonly name: string;
  /** Relative to the workspace. */
  readonly path: string;
  readonly outcome: Description['outcome'];
  readonly verdicts: Description['verdicts'];
  readonly signer: string | undefined;
  /** Absent if it cannot be read. Not validly signed where the signature does not hold: for showing, not for believing. */
  readonly statement: Statement | undefined;
}

export interface ComparedRun {
  readonly name: string;
  readonly report: RunReport;
}

/** With what the page is to keep. */
export type ToComparisonPage = { readonly state: ComparisonState } & (
  | { readonly type: 'certificates'; readonly pair: readonly [ComparedCertificate, ComparedCertificate] }
  | { readonly type: 'runs'; readonly pair: readonly [ComparedRun, ComparedRun] }
  | { readonly type: 'unreadable'; readonly reason: string }
);

/** What the page is asked to keep, by which it is made again after a reload of the window. */
export interface ComparisonState {
  readonly kind: 'certificates' | 'runs';
  /** URIs of two certificates, or of the private reports of two runs. */
  readonly uris: readonly [string, string];
}

export type FromComparisonPage = { readonly type: 'ready' } | { readonly type: 'open'; readonly which: 0 | 1 } | { readonly type: 'swap' };
