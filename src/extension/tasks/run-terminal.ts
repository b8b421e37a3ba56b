import { EventEmitter, l10n, type Pseudoterminal, type Uri } from 'vscode';
import { describe } from '../../error';
import { describeProgress } from '../runs/describe-progress';
import type { Run, RunState } from '../runs/run';
import type { RunService } from '../runs/run-service';
import { told } from '../told';

/** A run as a terminal shows it: a line for each phase, and how it ended. Closing the terminal cancels the run. */
export class RunTerminal implements Pseudoterminal {
  readonly #wrote = new EventEmitter<string>();
  readonly #closed = new EventEmitter<number>();
  readonly onDidWrite = this.#wrote.event;
  readonly onDidClose = this.#closed.event;
  readonly #runs: RunService;
  readonly #request: Uri;
  #phase: string | undefined;

  constructor(runs: RunService, request: Uri) {
    this.#runs = runs;
    this.#request = request;
  }

  open(): void {
    const subscription = this.#runs.onDidChange((run) => {
      if (run.request.toString() === this.#request.toString()) this.#show(run);
    });
    void this.#runs.start(this.#request).finally(() => {
      subscription.dispose();
      this.#closed.fire(this.#runs.latestOf(this.#request)?.state.status === 'succeeded' ? 0 : 1);
    });
  }

  close(): void {
    const run = this.#runs.latestOf(this.#request);
    if (run !== undefined) this.#runs.cancel(run.id);
  }

  #show({ state }: Run): void {
    if (state.status === 'running') {
      if (state.progress?.phase === this.#phase) return;
      this.#phase = state.progress?.phase;
    }
    this.#wrote.fire(`${lineFor(state)}\r\n`);
  }
}

function lineFor(state: RunState): string {
  switch (state.status) {
    case 'running': return describeProgress(state.progress);
    case 'failed': return describe(state.error, told);
    case 'succeeded': return `${state.summary.model}\r\n${state.summary.certificate}`;
    case 'queued': return l10n.t('waiting');
    case 'cancelled': return l10n.t('cancelled');
    case 'lost': return l10n.t('ended with its window');
  }
}
