/** Deeper than anything that this program writes, and far from the stack's end. */
const MAXIMUM_DEPTH = 64;

/** Why bytes from a stranger were not accepted as JSON. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused';

  /** The reason may quote the stranger's file, so it must not carry terminal commands or turn the direction of text. */
  constructor(reason: string) {
    super(reason.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd'));
  }
}

/**
 * JSON from a stranger. On top of the grammar it demands valid UTF-8, at most 64 levels, no name twice in one object
 * (readers disagree on which one counts) and no name `__proto__`.
 * @throws JsonRefused with a reason for people, and nothing else.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonRefused('it is not valid UTF-8');
  }
  checkNames(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new JsonRefused('it is not valid JSON');
  }
}

/** One pass over the tokens, without recursion. Says nothing about the rest of the grammar, which `JSON.parse` checks. */
function checkNames(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined);
      if (open.length > MAXIMUM_DEPTH) throw new JsonRefused(`it is nested deeper than ${MAXIMUM_DEPTH} levels`);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (isName(text, end)) checkName(text.slice(at, end), open.at(-1));
      at = end - 1;
    }
  }
}

/** The position after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new JsonRefused('it is not valid JSON');
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

function checkName(quoted: string, names: Set<string> | undefined): void {
  let name: unknown;
  try {
    name = JSON.parse(quoted);
  } catch {
    throw new JsonRefused('it is not valid JSON');
  }
  if (name === '__proto__') throw new JsonRefused('it has a member "__proto__"');
  if (typeof name !== 'string' || names === undefined) return;
  if (names.has(name)) throw new JsonRefused(`it has the member "${name.slice(0, 60)}" twice in one object`);
  names.add(name);
}
