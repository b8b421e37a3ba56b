import { strict as assert } from 'node:assert';
import { type Extension, extensions } from 'vscode';

/** The extension under test, as it was installed from its package. */
export function extension(): Extension<unknown> {
  const found = extensions.getExtension<unknown>('certified-unlearning.certified-unlearning');
  assert.ok(found, 'the packaged extension is not installed');
  return found;
}
