import { t } from '../l10n';

/** How a JSON value stands in a text field, and back. */
export interface Codec {
  /** The text for a value; anything unexpected as JSON, so that nothing is hidden. */
  show(value: unknown): string;
  /** The value for a text; undefined removes the field. Throws `NotAValue` with what is wrong. */
  read(text: string): unknown;
}

/** Why a text is no value of its kind. */
export class NotAValue extends Error {
  override readonly name = 'NotAValue';
}

export const textCodec: Codec = {
  show: (value) => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)),
  read: (text) => (text === '' ? undefined : text),
};

/** A path, or several as JSON: what has a bracket is a list. */
export const pathsCodec: Codec = {
  show: (value) => textCodec.show(value),
  read: (text) => (text.trimStart().startsWith('[') ? jsonOf(text) : textCodec.read(text)),
};

export const numberCodec: Codec = {
  show: (value) => (value === undefined ? '' : typeof value === 'number' ? short(value) : JSON.stringify(value)),
  read: (text) => (text.trim() === '' ? undefined : numberOf(text.replace(',', '.'))),
};

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new NotAValue(t('must be a number, such as 0.5 or 1e-5'));
  return value;
}

/** As people write it: 0.00001 is 1e-5. */
function short(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

/** `a, b, c`: strings, and integers as such where `integers` says so. Lines and semicolons part them too: lists are pasted from anywhere. */
export function listCodec({ integers, separator = ', ' }: { readonly integers: boolean; readonly separator?: string }): Codec {
  return {
    show: (value) => (value === undefined ? '' : Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(separator) : JSON.stringify(value)),
    read: (text) => {
      const parts = text.split(/[,;\n\r\t]/).map((part) => part.trim()).filter((part) => part !== '');
      if (parts.length === 0) return undefined;
      return parts.map((part) => (integers && /^(0|[1-9]\d{0,14})$/.test(part) ? Number(part) : part));
    },
  };
}

/** One number, or one for each of several things: `127.5` or `0.5, 1, 2`. */
export const numbersCodec: Codec = {
  show: (value) => (Array.isArray(value) ? value.map((item) => numberCodec.show(item)).join(', ') : numberCodec.show(value)),
  read: (text) => {
    if (text.trim() === '') return undefined;
    const numbers = text.split(/[,;\s]+/).filter((part) => part !== '').map(numberOf);
    return numbers.length === 1 ? numbers[0] : numbers;
  },
};

/** The same where even one is a list: the sizes of a shape, the weights of classes. */
export const numberListCodec: Codec = {
  show: (value) => numbersCodec.show(value),
  read: (text) => {
    const value = numbersCodec.read(text);
    return typeof value === 'number' ? [value] : value;
  },
};

/** Parts of a text at commas that are in no brackets and no quotes. */
function splitOutside(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  let quoted = false;
  let escaped = false;
  for (const character of text) {
    if (character === '"' && depth > 0 && !escaped) quoted = !quoted;
    else if (!quoted && (character === '{' || character === '[')) depth++;
    else if (!quoted && (character === '}' || character === ']')) depth--;
    if (character === ',' && depth === 0 && !quoted) parts.push('');
    else parts.push((parts.pop() ?? '') + character);
    escaped = quoted && character === '\\' && !escaped;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** Names of columns, and between them columns that are encoded, as JSON: `age, {"column":"city","oneHot":["Bern","Chur"]}`. */
export const featuresCodec: Codec = {
  show: (value) => listCodec({ integers: false }).show(value),
  read: (text) => {
    const parts = splitOutside(text);
    return parts.length === 0 ? undefined : parts.map((part) => (part.startsWith('{') ? jsonOf(part) : part));
  },
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new NotAValue(t('has a bracket that begins no JSON'));
  }
}
