import type { Node } from './graph';

/** Attribute access with ONNX's defaults; an attribute of the wrong kind counts as absent, and the shape rule then decides. */
export function integer(node: Node, name: string, otherwise: number): number {
  const value = node.attributes[name];
  return typeof value === 'number' ? value : otherwise;
}

/** The same access as `integer`, named for what a reader of a rule should expect. */
export const float = integer;

export function text(node: Node, name: string, otherwise: string): string {
  const value = node.attributes[name];
  return typeof value === 'string' ? value : otherwise;
}

export function integers(node: Node, name: string): readonly number[] | undefined {
  const value = node.attributes[name];
  if (!Array.isArray(value)) return undefined;
  return (value as readonly (number | string)[]).filter((entry) => typeof entry === 'number');
}

export function texts(node: Node, name: string): readonly string[] | undefined {
  const value = node.attributes[name];
  if (!Array.isArray(value)) return undefined;
  return (value as readonly (number | string)[]).filter((entry) => typeof entry === 'string');
}
