import { strict as assert } from 'node:assert';
import { commands, Uri, workspace } from 'vscode';
import { extension } from './extension';
import type { Suite } from './suite';
import { exists, file } from './workspace';

interface Manifest {
  readonly extensionKind: readonly string[];
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
  };
}

export const tests: Suite = {
  'the packaged extension is installed, and asleep until it is needed': () => {
    assert.equal(extension().isActive, false);
  },
  'it is loaded from its package, not from the repository': () => {
    assert.match(extension().extensionPath, /extensions[/\\]certified-unlearning\.certified-unlearning-/);
  },
  'it activates': async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  },
  'every contributed command is registered, under one category and with a title in words': async () => {
    const registered = new Set(await commands.getCommands(true));
    const { contributes } = extension().packageJSON as Manifest;
    for (const { command, title, category } of contributes.commands) {
      assert.ok(registered.has(command), `${command} is not registered`);
      assert.equal(category, 'Certified Unlearning');
      assert.doesNotMatch(title, /%/);
    }
  },
  'what wakes it is a request or a certificate in the workspace, a page to restore, or a task': () => {
    const { activationEvents } = extension().packageJSON as Manifest;
    assert.deepEqual(activationEvents, ['workspaceContains:**/*.unlearn.json', 'workspaceContains:**/*.unlearning-certificate.json', 'onWebviewPanel:certifiedUnlearning.comparison', 'onTaskType:certifiedUnlearning']);
  },
  'the examples come into the workspace': async () => {
    const folder = file();
    for (const [name] of await workspace.fs.readDirectory(Uri.joinPath(folder, '..', 'examples'))) await workspace.fs.copy(Uri.joinPath(folder, '..', 'examples', name), Uri.joinPath(folder, name));
    assert.ok(await exists(file('mnist', 'forget-c17.unlearn.json')));
  },
  'it runs where the workspace is': () => {
    assert.deepEqual((extension().packageJSON as Manifest).extensionKind, ['workspace']);
  },
};
