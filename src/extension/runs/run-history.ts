import { type Memento, Uri } from 'vscode';
import { isActive, type Run } from './run';

const key = 'certifiedUnlearning.runs';
const maximum = 50;

interface Stored extends Omit<Run, 'request'> {
  readonly request: string;
}

/** Runs as they outlive the window. */
export class RunHistory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** Latest first. What was under way when the window went is lost, and is shown as such. */
  read(): readonly Run[] {
    const stored = this.#memento.get<readonly Stored[]>(key, []);
    return stored.map((run): Run => {
      const restored = { ...run, request: Uri.parse(run.request) };
      return isActive(restored) ? { ...restored, state: { status: 'lost' } } : restored;
    });
  }

  async write(runs: readonly Run[]): Promise<void> {
    const stored = runs.slice(0, maximum).map((run): Stored => ({ ...run, request: run.request.toString(), state: run.state.status === 'running' ? { ...run.state, losses: [] } : run.state }));
    await this.#memento.update(key, stored);
  }
}
