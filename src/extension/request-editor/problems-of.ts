import { describe } from '../../error';
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
 * @param told What is English here, in the user's language.
 */
export function problemsOf(text: string, finding: Finding | undefined, told: (english: string) => string = (english) => english): readonly ShownProblem[] {
  const { problems } = parseRequest(text);
  if (problems.length > 0) return problems.map(({ field, message, offset, length }) => ({ offset, length, text: named(field, told(message)) }));
  if (finding === undefined || !stillThere(text, finding)) return [];
  return [{ ...(placeIn(text, finding.error) ?? { offset: 0, length: 0 }), text: describe({ ...finding.error, file: undefined }, told) }];
}

function named(field: string, message: string): string {
  return field === '' ? message : `${field}: ${message}`;
}

function stillThere(text: string, { error: { field }, text: before }: Finding): boolean {
  return text === before || (field !== undefined && writtenAt(text, field) === writtenAt(before, field));
}
