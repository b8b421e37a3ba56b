import { applyEdits, type FormattingOptions, modify, parse } from 'jsonc-parser';
import { EndOfLine, Range, type TextDocument, workspace, WorkspaceEdit } from 'vscode';
import type { Edit, FieldPath } from '../../protocol/panel-messages';

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

/** The text with the edits made one after the other. An object that loses its last value goes too, unless it is a section of its own. */
export function edited(text: string, edits: readonly Edit[], formattingOptions: FormattingOptions): string {
  return edits.reduce((current, { path, value }) => {
    const changed = applyEdits(current, modify(current, [...path], value, { formattingOptions }));
    return value === undefined ? pruned(changed, path.slice(0, -1), formattingOptions) : changed;
  }, text);
}

function pruned(text: string, parent: FieldPath, formattingOptions: FormattingOptions): string {
  if (parent.length < 2) return text;
  const left = parent.reduce<unknown>((value, part) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[part] : undefined), parse(text));
  if (typeof left !== 'object' || left === null || Object.keys(left).length > 0) return text;
  return pruned(applyEdits(text, modify(text, [...parent], undefined, { formattingOptions })), parent.slice(0, -1), formattingOptions);
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
