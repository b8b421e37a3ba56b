import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ExtensionContext, type Memento, Uri } from 'vscode';
import { isActive, type Run } from './run';

const key = 'certifiedUnlearning.runs';
const maximum = 50;

interface Stored extends Omit<Run, 'request'> {
  readonly request: string;
}

/**
 * Runs as they outlive the window: in a file of the workspace's own storage, because what VS Code keeps for an extension is written a moment
 * later, and a reload of the window does not wait for it. Without a workspace there is no such storage.
 */
export class RunHistory {
  readonly #file: string | undefined;
  readonly #memento: Memento;
  #written: Promise<void> = Promise.resolve();

  constructor({ storageUri, workspaceState }: Pick<ExtensionContext, 'storageUri' | 'workspaceState'>) {
    this.#file = storageUri === undefined ? undefined : Uri.joinPath(storageUri, 'runs.json').fsPath;
    this.#memento = workspaceState;
  }

  /** Latest first. What was under way when the window went is lost, and is shown as such. */
  read(): readonly Run[] {
    const stored = this.#file === undefined ? this.#memento.get<readonly Stored[]>(key, []) : storedIn(this.#file);
    return stored.map((run): Run => {
      const restored = { ...run, request: Uri.parse(run.request) };
      return isActive(restored) ? { ...restored, state: { status: 'lost' } } : restored;
    });
  }

  /** Written in the order of the calls. */
  write(runs: readonly Run[]): Promise<void> {
    const stored = runs.slice(0, maximum).map((run): Stored => ({ ...run, request: run.request.toString(), state: run.state.status === 'running' ? { ...run.state, losses: [] } : run.state }));
    const file = this.#file;
    this.#written = this.#written.catch(() => undefined).then(() => (file === undefined ? this.#memento.update(key, stored) : replace(file, JSON.stringify(stored))));
    return this.#written;
  }
}

/** None where there is no such file yet, or where it cannot be read: then the history begins anew. */
function storedIn(file: string): readonly Stored[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Stored[];
  } catch {
    return [];
  }
}

async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}
