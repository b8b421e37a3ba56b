import path from 'node:path';
import { CustomExecution, l10n, Task, type TaskDefinition, type TaskProvider, tasks, Uri, workspace, type WorkspaceFolder } from 'vscode';
import { Disposable } from '../disposable';
import { findFiles, requestPattern } from '../files';
import type { RunService } from '../runs/run-service';
import { RunTerminal } from './run-terminal';

const type = 'certifiedUnlearning';

interface RunDefinition extends TaskDefinition {
  /** The request, relative to the workspace folder. */
  readonly request: string;
}

/** Every request of the workspace as a task, so that a run can be one of several steps of a build. */
export class RunTasks extends Disposable implements TaskProvider {
  readonly #runs: RunService;

  constructor(runs: RunService) {
    super();
    this.#runs = runs;
    this.register(tasks.registerTaskProvider(type, this));
  }

  async provideTasks(): Promise<Task[]> {
    const requests = await findFiles(requestPattern);
    return requests.flatMap((request) => {
      const folder = workspace.getWorkspaceFolder(request);
      return folder === undefined ? [] : [this.#task({ type, request: path.posix.relative(folder.uri.path, request.path) }, folder)];
    });
  }

  resolveTask({ definition, scope }: Task): Task | undefined {
    const folder = typeof scope === 'object' ? scope : workspace.workspaceFolders?.[0];
    return folder === undefined || typeof definition['request'] !== 'string' ? undefined : this.#task(definition as RunDefinition, folder);
  }

  #task(definition: RunDefinition, folder: WorkspaceFolder): Task {
    const name = l10n.t('unlearn {0}', path.posix.basename(definition.request).replace(/\.unlearn\.json$/, ''));
    return new Task(definition, folder, name, 'Certified Unlearning',
      new CustomExecution(() => Promise.resolve(new RunTerminal(this.#runs, Uri.joinPath(folder.uri, definition.request)))));
  }
}
