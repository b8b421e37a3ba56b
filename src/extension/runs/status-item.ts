import { l10n, MarkdownString, StatusBarAlignment, window } from 'vscode';
import { Disposable } from '../disposable';
import { describeProgress } from './describe-progress';
import type { RunService } from './run-service';

/** One short item in the status bar, while something runs. */
export class StatusItem extends Disposable {
  constructor(runs: RunService) {
    super();
    const item = this.register(window.createStatusBarItem('certifiedUnlearning.run', StatusBarAlignment.Left, 0));
    item.name = l10n.t('Unlearning Run');
    item.command = 'certifiedUnlearning.runs.focus';
    this.register(runs.onDidChange(() => {
      const state = runs.active?.state;
      if (state?.status !== 'running') {
        item.hide();
        return;
      }
      const { progress } = state;
      const done = progress === undefined || progress.steps < 2 ? '' : ` ${Math.floor((100 * progress.step) / progress.steps)} %`;
      item.text = `$(loading~spin) ${l10n.t('Unlearning')}${done}`;
      item.tooltip = new MarkdownString(describeProgress(progress));
      item.show();
    }));
  }
}
