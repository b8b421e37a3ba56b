import { EndOfLine, Range, type TextDocument, workspace, WorkspaceEdit } from 'vscode';
import type { Edit } from '../../protocol/panel-messages';
import { edited } from './edit-text';

/** Writes values into a request's text, changing no more of it than they need; undo and the dirty state come with the document. */
export async function applyToDocument(document: TextDocument, edits: readonly Edit[]): Promise<void> {
  const before = document.getText();
  const after = edited(before, edits, { insertSpaces: true, tabSize: 2, eol: document.eol === EndOfLine.CRLF ? '\r\n' : '\n' });
  if (before === after) return;
  const [start, endBefore, endAfter] = difference(before, after);
  const change = new WorkspaceEdit();
  change.replace(document.uri, new Range(document.positionAt(start), document.positionAt(endBefore)), after.slice(start, endAfter));
  await workspace.applyEdit(change);
}

/** Where two texts begin to differ, and where each one's difference ends. */
function difference(before: string, after: string): readonly [start: number, endBefore: number, endAfter: number] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  return [start, before.length - same, after.length - same];
}
