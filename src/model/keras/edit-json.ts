/** A change of one key of one object. */
export interface Edit {
  /** The object, as `JSON.parse` made it of the text. */
  readonly holder: object;
  readonly key: string;
  /** The list that takes the place of what is there; the key is taken out if undefined. */
  readonly numbers: Float32Array | undefined;
}

/** Marks a number that is kept as text, so that 1.0 does not become 1. */
const mark = '\u0001';

/**
 * The text of a JSON value with some of its keys changed and without the spaces between its parts; every other number is spelled as it was.
 * @param json what `JSON.parse` made of the text
 */
export function editJson(text: string, json: unknown, edits: readonly Edit[]): string {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => (token.startsWith('"') ? token : JSON.stringify(mark + token)));
  const twin: unknown = JSON.parse(marked);
  const visit = (one: unknown, other: unknown): void => {
    if (!isObject(one) || !isObject(other)) return;
    for (const { key, numbers } of edits.filter(({ holder }) => holder === one)) {
      if (numbers === undefined) Reflect.deleteProperty(other, key);
      else other[key] = Array.from(numbers, (number) => mark + spelled(number));
    }
    for (const [key, part] of Object.entries(one)) visit(part, other[key]);
  };
  visit(json, twin);
  return JSON.stringify(twin).replace(/"\\u0001([^"]*)"/g, '$1');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** As Python spells floating-point numbers, which have a point even where they are whole. */
function spelled(number: number): string {
  return Number.isInteger(number) && Math.abs(number) < 1e15 ? number.toFixed(1) : String(number);
}

/** JSON may end in spaces: the text keeps its size, and nothing else in its file moves. Undefined where it has grown. */
export function padded(text: string, size: number): Uint8Array | undefined {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > size) return undefined;
  const whole = new Uint8Array(size).fill(0x20);
  whole.set(bytes);
  return whole;
}
