import type { Uri } from 'vscode';
import type { ErrorData, Progress } from '../../protocol/engine-protocol';
import type { LossPoint, RunSummary } from '../../protocol/panel-messages';

export type RunState =
  | { readonly status: 'queued' }
  | { readonly status: 'running'; readonly progress: Progress | undefined; readonly losses: readonly LossPoint[] }
  | { readonly status: 'cancelled' }
  /** The window was closed or reloaded while it ran: the engine ended with it, and nothing was changed. */
  | { readonly status: 'lost' }
  | { readonly status: 'failed'; readonly error: ErrorData }
  | { readonly status: 'succeeded'; readonly summary: RunSummary; readonly report: string };

/** One run of a request, in this window or an earlier one. */
export interface Run {
  readonly id: string;
  readonly request: Uri;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly state: RunState;
}

export function isActive({ state }: Run): boolean {
  return state.status === 'queued' || state.status === 'running';
}
