import { commands, EventEmitter, l10n, type LogOutputChannel, Uri, window, workspace } from 'vscode';
import { UserError } from '../../error';
import type { Progress } from '../../protocol/engine-protocol';
import { withLoss } from '../../run/loss-curve';
import type { Completed } from '../../run/start-run';
import { Disposable } from '../disposable';
import type { EngineSettingsReader } from '../engines/engine-settings';
import type { Keys } from '../keys';
import { errorData, reportError } from '../report-error';
import { isActive, type Run, type RunState } from './run';
import type { RunHistory } from './run-history';

/** Steps can be faster than anyone looks: milliseconds between two views of the same run. */
const pause = 100;

/** Runs requests, one after the other, in the engine's own process. */
export class RunService extends Disposable {
  readonly #changed = this.register(new EventEmitter<Run>());
  readonly onDidChange = this.#changed.event;
  readonly #keys: Keys;
  readonly #engines: EngineSettingsReader;
  readonly #log: LogOutputChannel;
  readonly #history: RunHistory;
  readonly #aborts = new Map<string, AbortController>();
  #runs: readonly Run[];
  #queue: Promise<void> = Promise.resolve();
  #shownAt = 0;

  constructor(keys: Keys, engines: EngineSettingsReader, log: LogOutputChannel, history: RunHistory) {
    super();
    this.#keys = keys;
    this.#engines = engines;
    this.#log = log;
    this.#history = history;
    this.#runs = this.#history.read();
  }

  /** Latest first. */
  get runs(): readonly Run[] {
    return this.#runs;
  }

  get active(): Run | undefined {
    return this.#runs.find(({ state }) => state.status === 'running');
  }

  latestOf(request: Uri): Run | undefined {
    return this.#runs.find((run) => run.request.toString() === request.toString());
  }

  /** Queues a run. Resolves when it is over, however it ended; what went wrong has then been shown. */
  async start(request: Uri): Promise<void> {
    if (!workspace.isTrusted) {
      void window.showWarningMessage(l10n.t('This workspace is in Restricted Mode: nothing is run until it is trusted.'));
      return;
    }
    const latest = this.latestOf(request);
    if (latest !== undefined && isActive(latest)) return;
    const run: Run = { id: `${Date.now()}-${this.#runs.length}`, request, startedAt: Date.now(), state: { status: 'queued' } };
    this.#aborts.set(run.id, new AbortController());
    this.#runs = [run, ...this.#runs];
    this.#publish(run);
    const turn = this.#queue.then(() => this.#execute(run));
    this.#queue = turn;
    await turn;
  }

  cancel(id: string): void {
    this.#aborts.get(id)?.abort();
    const run = this.#runs.find((candidate) => candidate.id === id);
    if (run?.state.status === 'queued') this.#update(run.id, { status: 'cancelled' });
  }

  override dispose(): void {
    for (const abort of this.#aborts.values()) abort.abort();
    super.dispose();
  }

  async #execute({ id, request }: Run): Promise<void> {
    const signal = this.#aborts.get(id)?.signal;
    if (signal?.aborted !== false) return;
    this.#log.info(`run of ${request.fsPath}`);
    this.#update(id, { status: 'running', progress: undefined, losses: [] });
    try {
      const completed = await this.#runOrReplace(id, request, signal, false);
      this.#update(id, completed === undefined ? { status: 'cancelled' } : succeeded(completed));
      if (completed !== undefined) void this.#announce(completed);
    } catch (error) {
      if (error instanceof UserError && error.code === 'cancelled') {
        this.#log.info('cancelled');
        this.#update(id, { status: 'cancelled' });
      } else {
        this.#update(id, { status: 'failed', error: errorData(error) });
        void reportError(error, this.#log);
      }
    } finally {
      this.#aborts.delete(id);
    }
  }

  /** @returns undefined if there is an earlier result and the user wants to keep it */
  async #runOrReplace(id: string, request: Uri, signal: AbortSignal, overwrite: boolean): Promise<Completed | undefined> {
    const { startRun } = await import('../../run/start-run');
    try {
      return await startRun(request.fsPath, {
        signer: await this.#keys.signer(),
        engines: this.#engines.read(request),
        overwrite,
        signal,
        onProgress: (progress) => this.#progress(id, progress),
        onEngine: (processId) => this.#log.info(`engine process ${processId ?? 'not started'}`),
      });
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'output-exists') throw error;
      const replace = l10n.t('Replace');
      const choice = await window.showWarningMessage(l10n.t('There is already a result of an earlier run.'), { modal: true, detail: error.file ?? '' }, replace);
      return choice === replace ? this.#runOrReplace(id, request, signal, true) : undefined;
    }
  }

  #progress(id: string, progress: Progress): void {
    const state = this.#runs.find((run) => run.id === id)?.state;
    if (state?.status !== 'running') return;
    const { phase, step } = progress;
    const losses = withLoss(state.losses, progress);
    const fresh = state.progress?.phase !== phase;
    if (fresh) this.#log.info(`phase ${phase}`);
    const now = Date.now();
    const show = fresh || step === progress.steps || now - this.#shownAt >= pause;
    if (show) this.#shownAt = now;
    this.#update(id, { status: 'running', progress, losses }, { keep: false, show });
  }

  #update(id: string, state: RunState, { keep = true, show = true } = {}): void {
    this.#runs = this.#runs.map((run) => (run.id === id ? { ...run, state } : run));
    const run = this.#runs.find((candidate) => candidate.id === id);
    if (run !== undefined && show) this.#publish(run, keep);
  }

  #publish(run: Run, keep = true): void {
    if (keep) {
      this.#history.write(this.#runs).catch((error: unknown) => this.#log.error(`the list of runs was not saved: ${String(error)}`));
      void commands.executeCommand('setContext', 'certifiedUnlearning.running', this.#runs.some(isActive));
    }
    this.#changed.fire(run);
  }

  async #announce({ certificate, guarantee, engine, engineReason }: Completed): Promise<void> {
    this.#log.info(`done on ${engine}${engineReason === undefined ? '' : ` (${engineReason})`}: ${certificate}`);
    // Where the request's panel is in sight, it says so itself.
    const panelVisible = window.tabGroups.all.some(({ activeTab }) => activeTab?.label.endsWith('.unlearn.json'));
    if (panelVisible) return;
    const show = l10n.t('Show Certificate');
    const choice = await window.showInformationMessage(l10n.t('Unlearning is done: ε = {0} at δ = {1}.', String(guarantee.epsilon), String(guarantee.delta)), show);
    if (choice === show) await commands.executeCommand('certifiedUnlearning.showCertificate', Uri.file(certificate));
  }
}

function succeeded({ model, certificate, privateFolder, guarantee, engine, seconds, metrics }: Completed): RunState {
  return {
    status: 'succeeded',
    report: privateFolder,
    summary: {
      model, certificate, engine, seconds,
      epsilon: guarantee.epsilon,
      delta: guarantee.delta,
      metrics,
    },
  };
}
