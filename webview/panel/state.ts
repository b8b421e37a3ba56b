import type { Plan } from '../../src/plan/plan';
import type { CountedMessage, DataMessage, DocumentMessage, Edit, FactsMessage, FieldPath, FromPanel, GroupsMessage, RunMessage } from '../../src/protocol/panel-messages';

/** Everything that the panel shows. */
export interface PanelState {
  readonly document: DocumentMessage | undefined;
  readonly facts: FactsMessage;
  readonly run: RunMessage;
  readonly trusted: boolean;
  /** What is in the files of the training data. */
  readonly data: DataMessage;
  /** What is in those of evaluation data, where the request names such files. */
  readonly evaluationData: DataMessage;
  /** Whom the fields, as they stand, would forget; the last answer while the next is being counted. */
  readonly counted: CountedMessage | undefined;
  readonly counting: boolean;
  /** Copies and near duplicates, once they have been looked for. */
  readonly groups: GroupsMessage;
  /** The plan for what the fields say at this moment, or why there is none. */
  readonly plan: Plan | undefined;
  readonly planProblem: string | undefined;
}

/** What sections can do. */
export interface PanelActions {
  /** Shows what would follow from a value, without writing it. */
  preview(path: FieldPath, value: unknown): void;
  /** Writes into the request. */
  edit(...edits: readonly Edit[]): void;
  send(message: FromPanel): void;
}

/** A part of the page that keeps itself up to date. */
export interface Section {
  readonly element: HTMLElement;
  update(state: PanelState): void;
}

/** The value at a path of a JSON value. */
export function at(value: unknown, path: FieldPath): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[part];
  }
  return found;
}

/** A JSON path as problems name it: `forget.rows[3]`. */
export function fieldName(path: FieldPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');
}

/** A JSON value with another value at a path; objects and lists on the way are copied, undefined removes. */
export function withValue<T>(value: T, [part, ...rest]: FieldPath, replacement: unknown): T {
  if (part === undefined) return replacement as T;
  const changed = rest.length === 0 ? replacement : withValue(at(value, [part]) ?? {}, rest, replacement);
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === part ? changed : item)) as T;
  const others = Object.entries(value as object).filter(([key]) => key !== part);
  return Object.fromEntries(changed === undefined ? others : [...others, [part, changed]]) as T;
}
