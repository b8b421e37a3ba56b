/** What the private report's editor in the extension host and its page in a webview say to each other. */
import type { LossPoint } from './panel-messages';
import type { Progress, RunMetrics } from './engine-protocol';

/** The private report of a run, as far as this version can read it. */
export interface RunReport {
  /** SHA-256 in hex of the certificate's signed statement. */
  readonly statement: string;
  readonly requestFile: string;
  /** The request as it was run, as JSON. */
  readonly request: unknown;
  readonly target: { readonly epsilon?: number | undefined; readonly delta: number } | undefined;
  readonly metrics: RunMetrics | undefined;
  readonly engine: { readonly name: string; readonly versions: Readonly<Record<string, string>>; readonly reason?: string | undefined } | undefined;
  readonly records: {
    readonly total: number;
    /** Record numbers, from 0. */
    readonly forgotten: readonly number[];
    readonly duplicates: number;
    readonly unmatchedIds: readonly string[];
    readonly forgottenInEvaluation: number;
  };
  readonly seconds: number;
  /** How it went; absent for runs of earlier versions. */
  readonly course: {
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly phases: readonly { readonly phase: Progress['phase']; readonly seconds: number }[];
    readonly losses: readonly LossPoint[];
    /** Bytes. */
    readonly peakMemory?: number | undefined;
  } | undefined;
}

export type ToReportPage =
  | { readonly type: 'report'; readonly name: string; readonly report: RunReport; readonly certificate: string | undefined }
  | { readonly type: 'unreadable'; readonly name: string; readonly reason: string };

export type FromReportPage =
  | { readonly type: 'ready' }
  | { readonly type: 'show'; readonly what: 'text' | 'certificate' };
