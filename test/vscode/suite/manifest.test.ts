import { strict as assert } from 'node:assert';
import { commands, extensions } from 'vscode';
import type { Suite } from './suite';

interface Manifest {
  readonly extensionKind: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
  };
}

function extension(): NonNullable<ReturnType<typeof extensions.getExtension>> {
  const found = extensions.getExtension('certified-unlearning.certified-unlearning');
  assert.ok(found, 'the packaged extension is not installed');
  return found;
}

export const tests: Suite = {
  'the packaged extension is installed and activates': async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  },
  'it is loaded from its package, not from the repository': () => {
    assert.match(extension().extensionPath, /extensions[/\\]certified-unlearning\.certified-unlearning-/);
  },
  'every contributed command is registered, under one category and with a title in words': async () => {
    await extension().activate();
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
