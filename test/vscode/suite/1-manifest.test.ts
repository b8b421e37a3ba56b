import { strict as assert } from 'node:assert';
import { commands } from 'vscode';
import { extension } from './extension';
import type { Suite } from './suite';

interface Manifest {
  readonly extensionKind: readonly string[];
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
  'it runs where the workspace is': () => {
    assert.deepEqual((extension().packageJSON as Manifest).extensionKind, ['workspace']);
  },
};
