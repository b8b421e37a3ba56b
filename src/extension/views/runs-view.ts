import path from 'node:path';
import { EventEmitter, l10n, ThemeColor, ThemeIcon, TreeItem, type TreeDataProvider, window } from 'vscode';
import { describe } from '../../error';
import { Disposable } from '../disposable';
import { describeProgress } from '../runs/describe-progress';
import type { Run } from '../runs/run';
import type { RunService } from '../runs/run-service';
import { told } from '../told';

/** Between two drawings of the same run, in milliseconds. */
const pause = 1000;

/** A run as an item of the view: the same object as long as the view lives, while what it says changes. */
export interface RunItem {
  readonly id: string;
  readonly request: Run['request'];
  readonly startedAt: Run['startedAt'];
  readonly state: Run['state'];
}

/** The runs of this window and earlier ones, latest first. */
export class RunsView extends Disposable implements TreeDataProvider<RunItem> {
  readonly #changed = this.register(new EventEmitter<RunItem | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #runs: RunService;
  readonly #items = new Map<string, RunItem>();
  #shown = { status: '', at: 0 };

  constructor(runs: RunService) {
    super();
    this.#runs = runs;
    // A run that goes on changes its own line alone: a button that is being pressed stays the button of its run.
    this.register(runs.onDidChange((run) => this.#show(run)));
    this.register(window.createTreeView('certifiedUnlearning.runs', { treeDataProvider: this, canSelectMany: true }));
  }

  /** A line that is drawn anew under the pointer loses the press of its button, so progress alone is shown once a second. */
  #show({ id, state }: Run): void {
    const now = Date.now();
    if (state.status === 'running' && this.#shown.status === `${id} running` && now - this.#shown.at < pause) return;
    this.#shown = { status: `${id} ${state.status}`, at: now };
    this.#changed.fire(this.#items.get(id));
  }

  getChildren(parent?: RunItem): RunItem[] {
    return parent === undefined ? this.#runs.runs.map((run) => this.#itemOf(run)) : [];
  }

  #itemOf(run: Run): RunItem {
    const known = this.#items.get(run.id);
    if (known !== undefined) return known;
    const latest = (): Run => this.#runs.runs.find(({ id }) => id === run.id) ?? run;
    const item: RunItem = { id: run.id, request: run.request, startedAt: run.startedAt, get state() {
      return latest().state;
    } };
    this.#items.set(run.id, item);
    return item;
  }

  getTreeItem(run: RunItem): TreeItem {
    const item = new TreeItem(path.posix.basename(run.request.path).replace(/\.unlearn\.json$/, ''));
    item.id = run.id;
    const { text, icon, color } = appearance(run);
    item.description = text;
    item.iconPath = new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color));
    item.tooltip = `${run.request.fsPath}\n${new Date(run.startedAt).toLocaleString()}\n${run.state.status === 'failed' ? describe(run.state.error, told) : text}`;
    item.contextValue = `run.${run.state.status === 'queued' ? 'running' : run.state.status}`;
    item.command = { command: 'certifiedUnlearning.plan', title: l10n.t('Open Request'), arguments: [run.request] };
    return item;
  }
}

function appearance({ state }: RunItem): { readonly text: string; readonly icon: string; readonly color?: string } {
  switch (state.status) {
    case 'queued': return { text: l10n.t('waiting'), icon: 'clock' };
    case 'running': return { text: describeProgress(state.progress), icon: 'loading~spin' };
    case 'cancelled': return { text: l10n.t('cancelled'), icon: 'circle-slash' };
    case 'lost': return { text: l10n.t('ended with its window'), icon: 'circle-slash' };
    case 'failed': return { text: l10n.t('failed'), icon: 'error', color: 'list.errorForeground' };
    case 'succeeded': return { text: bound(state.summary), icon: 'pass-filled', color: 'testing.iconPassed' };
  }
}

/** As people write it: δ = 0.00001 is 1e-5. */
function bound({ epsilon, delta }: { readonly epsilon: number; readonly delta: number }): string {
  return `ε = ${Number(epsilon.toPrecision(4))}, δ = ${delta < 1e-3 ? delta.toExponential() : delta}`;
}
