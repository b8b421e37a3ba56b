import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';

export type JsonPath = readonly (string | number)[];

/** A range of characters. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** A JSON path as people write it: `forget.rows[3]`. */
export function fieldOf(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('');
}

/** The JSON path that a field is written for. */
export function pathOf(field: string): JsonPath {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) => (index === undefined ? part : Number(index)));
}

/** Where a value stands. Where it is missing, the name of what it is missing from, or the bracket that begins it. */
export function placeOf(tree: Node, path: JsonPath): Place {
  const found = findNodeAtLocation(tree, [...path]);
  if (found !== undefined && path.length > 0) return found;
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const around = findNodeAtLocation(tree, path.slice(0, depth));
    if (around === undefined) continue;
    const name = around.parent?.type === 'property' ? around.parent.children?.[0] : undefined;
    return around.type === 'object' || around.type === 'array' ? name ?? { offset: around.offset, length: 1 } : around;
  }
  return { offset: tree.offset, length: Math.min(1, tree.length) };
}

/**
 * Where something that is wrong with a request stands in its text: at its field, else where the file at fault is named, else at the beginning.
 * @returns undefined where the text is not JSON
 */
export function placeIn(text: string, { field, file }: { readonly field?: string | undefined; readonly file?: string | undefined }): Place | undefined {
  const tree = parseTree(text);
  if (tree === undefined) return undefined;
  const named = field === undefined && file !== undefined ? findText(tree, (value) => nameOf(value) === nameOf(file)) : undefined;
  return named ?? placeOf(tree, pathOf(field ?? ''));
}

/** The text of a field's value as it is written; undefined where there is none. */
export function writtenAt(text: string, field: string): string | undefined {
  const tree = parseTree(text);
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...pathOf(field)]);
  return node === undefined ? undefined : text.slice(node.offset, node.offset + node.length);
}

function nameOf(path: string): string {
  return path.replace(/^.*[\\/]/s, '');
}

/** The first string that fits. */
function findText(node: Node, fits: (value: string) => boolean): Node | undefined {
  if (node.type === 'string') return fits(String(node.value)) ? node : undefined;
  const inside = node.type === 'property' ? node.children?.slice(1) : node.children;
  for (const child of inside ?? []) {
    const found = findText(child, fits);
    if (found !== undefined) return found;
  }
  return undefined;
}
