import { strict as assert } from 'node:assert';
import { Uri, workspace } from 'vscode';

/** A file of the workspace, into which the first suite copies the examples. */
export function file(...names: readonly string[]): Uri {
  const folder = workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return Uri.joinPath(folder.uri, ...names);
}

export async function exists(uri: Uri): Promise<boolean> {
  return Promise.resolve(workspace.fs.stat(uri)).then(() => true, () => false);
}

export async function readJson(uri: Uri): Promise<Record<string, unknown>> {
  return JSON.parse(Buffer.from(await workspace.fs.readFile(uri)).toString('utf8')) as Record<string, unknown>;
}

export async function writeJson(uri: Uri, value: unknown): Promise<void> {
  await workspace.fs.writeFile(uri, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`));
}

/** Waits until something holds; says what, if it does not within half a minute. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
