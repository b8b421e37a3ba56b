import type { ExtensionContext } from 'vscode';

/** Called once, when one of the contributed commands, views or editors is first used. */
export function activate(_context: ExtensionContext): void {
  // Features register themselves here.
}
