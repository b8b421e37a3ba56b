import { applyEdits, type FormattingOptions, modify, parse } from 'jsonc-parser';
import type { Edit, FieldPath } from '../../protocol/panel-messages';

/** The text with the edits made one after the other. An object that loses its last value goes too, unless it is a section of its own. */
export function edited(text: string, edits: readonly Edit[], formattingOptions: FormattingOptions): string {
  const set = (current: string, path: FieldPath, value: unknown): string => applyEdits(current, modify(current, [...path], value, { formattingOptions }));
  const remove = (current: string, path: FieldPath): string => {
    if (valueAt(current, path) === undefined) return current;
    const removed = set(current, path, undefined);
    const parent = path.slice(0, -1);
    return parent.length >= 2 && isEmpty(valueAt(removed, parent)) ? remove(removed, parent) : removed;
  };
  return edits.reduce((current, { path, value }) => (value === undefined ? remove(current, path) : set(current, path, value)), text);
}

/** What stands at a path of a text, as far as the text can be read. */
export function valueAt(text: string, path: FieldPath): unknown {
  return path.reduce<unknown>((value, part) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[part] : undefined), parse(text));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
