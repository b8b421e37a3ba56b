import { getNodePath, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { z } from 'zod';
import { UserError } from '../error';
import { fieldOf, type JsonPath, placeOf } from './place-of-field';
import { requestSchema, type Request } from './schema';

/** Something wrong in a request's text: where (a JSON path and a character range) and what. */
export interface Problem {
  readonly code: 'request-syntax' | 'request-field';
  readonly field: string;
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

export type Parsed = { readonly request: Request; readonly problems: readonly [] } | { readonly request: undefined; readonly problems: readonly Problem[] };

/** Reads the text of a request file and says everything that is wrong with it. Never throws. */
export function parseRequest(text: string): Parsed {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  const syntax = errors[0];
  if (tree === undefined || syntax !== undefined) {
    const message = syntax === undefined ? 'the file is empty' : `not valid JSON (${printParseErrorCode(syntax.error)})`;
    return { request: undefined, problems: [{ code: 'request-syntax', field: '', message, offset: syntax?.offset ?? 0, length: syntax?.length ?? 0 }] };
  }
  const twice = namedTwice(tree);
  if (twice !== undefined) {
    const field = fieldOf(getNodePath(twice));
    return { request: undefined, problems: [{ code: 'request-field', field, message: 'stands twice: people read one and programs the other', offset: twice.offset, length: twice.length }] };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { request: undefined, problems: [{ code: 'request-syntax', field: '', message: `not valid JSON (${String(error)})`, offset: 0, length: text.length }] };
  }
  const result = requestSchema.safeParse(value, { reportInput: true });
  if (result.success) {
    return { request: result.data, problems: [] };
  }
  const problems = result.error.issues.flatMap(complaints).map(({ path, message }): Problem => {
    const { offset, length } = placeOf(tree, path as JsonPath);
    return { code: 'request-field', field: fieldOf(path), message, offset, length };
  });
  return { request: undefined, problems };
}

/** As `parseRequest`, but throws the first problem as an error that names the file and the field. */
export function requireRequest(text: string, file: string): Request {
  const parsed = parseRequest(text);
  if (parsed.request !== undefined) {
    return parsed.request;
  }
  const first = parsed.problems[0];
  const code = first?.code ?? 'request-syntax';
  throw new UserError(code, first?.message ?? 'not a request', { file, field: first?.field === '' ? undefined : first?.field, remedy: `See line ${text.slice(0, first?.offset ?? 0).split('\n').length} of the file.` });
}

/** The name of the first member whose object has another of that name before it: JSON allows it, and readers disagree on which one counts. */
function namedTwice(node: Node): Node | undefined {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const name = child.type === 'property' ? child.children?.[0] : undefined;
    if (name !== undefined && seen.size === seen.add(name.value).size) return name;
    const inside = namedTwice(child);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Words for people; an unknown key and a union become complaints about the very field. */
export function complaints(issue: z.core.$ZodIssue): Complaint[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown field "${key}"` }));
    case 'invalid_type':
      return [{ path: issue.path, message: issue.input === undefined ? 'is missing' : (types[issue.expected] ?? `must be of the type ${issue.expected}`) }];
    case 'invalid_value':
      return [{ path: issue.path, message: issue.values.length === 1 ? `must be ${JSON.stringify(issue.values[0])}` : `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}` }];
    case 'too_small':
      return [{ path: issue.path, message: !isNumber(issue.origin) ? 'must not be empty' : issue.inclusive ? `must be at least ${issue.minimum}` : `must be more than ${issue.minimum}` }];
    case 'too_big':
      return [{ path: issue.path, message: !isNumber(issue.origin) ? `must be at most ${issue.maximum} long` : issue.inclusive ? `must be at most ${issue.maximum}` : `must be less than ${issue.maximum}` }];
    case 'invalid_union':
      return issue.errors.length === 0
        ? [{ path: issue.path, message: issue.message.startsWith('Invalid ') ? 'is not one of the known kinds' : issue.message }]
        : (issue.errors.at(-1) ?? []).flatMap(complaints).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
    case 'custom':
    case 'invalid_format':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
      return [{ path: issue.path, message: issue.message }];
  }
}

const types: Readonly<Record<string, string>> = {
  int: 'must be a whole number',
  number: 'must be a number',
  string: 'must be a string',
  boolean: 'must be true or false',
  array: 'must be an array',
  object: 'must be an object',
};

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int';
}
