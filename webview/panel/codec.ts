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

export const numberCodec: Codec = {
  show: (value) => (value === undefined ? '' : typeof value === 'number' ? short(value) : JSON.stringify(value)),
  read: (text) => {
    if (text.trim() === '') return undefined;
    const value = Number(text.replace(',', '.'));
    if (!Number.isFinite(value)) throw new NotAValue('must be a number, such as 0.5 or 1e-5');
    return value;
  },
};

/** As people write it: 0.00001 is 1e-5. */
function short(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

/** `a, b, c`: strings, and integers as such where `integers` says so. */
export function listCodec({ integers }: { readonly integers: boolean }): Codec {
  return {
    show: (value) => (value === undefined ? '' : Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', ') : JSON.stringify(value)),
    read: (text) => {
      const parts = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
      if (parts.length === 0) return undefined;
      return parts.map((part) => (integers && /^\d+$/.test(part) ? Number(part) : part));
    },
  };
}
