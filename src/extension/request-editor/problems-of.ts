import { parseRequest } from '../../request/parse-request';
import { placeIn, writtenAt } from '../../request/place-of-field';
import type { Finding } from './facts-readers';

/** A problem as a line of the Problems panel, at a range of characters. */
export interface ShownProblem {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/**
 * What is wrong with a request: with its text, else what the engine found in model and data.
 * @param finding Goes as soon as someone writes another value where it points.
 */
export function problemsOf(text: string, finding: Finding | undefined): readonly ShownProblem[] {
  const { problems } = parseRequest(text);
  if (problems.length > 0) return problems.map(({ field, message, offset, length }) => ({ offset, length, text: named(field, message) }));
  if (finding === undefined || !stillThere(text, finding)) return [];
  const { field, message, remedy } = finding.error;
  return [{ ...(placeIn(text, finding.error) ?? { offset: 0, length: 0 }), text: [named(field ?? '', message), remedy].filter((part) => part !== undefined).join(' ') }];
}

function named(field: string, message: string): string {
  return field === '' ? message : `${field}: ${message}`;
}

function stillThere(text: string, { error: { field }, text: before }: Finding): boolean {
  return text === before || (field !== undefined && writtenAt(text, field) === writtenAt(before, field));
}
