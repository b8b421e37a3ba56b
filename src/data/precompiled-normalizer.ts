/**
 * The character map that SentencePiece compiles into its models, as a `tokenizer.json` carries it: a trie of UTF-8 sequences in a double
 * array (darts-clone), then the texts that they become, each ended by a zero. Applied as Hugging Face's library applies it: to each grapheme
 * of less than six bytes as a whole, and where that is not in the map, to each of its characters.
 */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const encoder = new TextEncoder();

export class PrecompiledNormalizer {
  private readonly units: Uint32Array;
  private readonly texts: Buffer;

  /** @throws RangeError for what is no such map. */
  constructor(base64: string) {
    const bytes = Buffer.from(base64, 'base64');
    const size = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
    if (size === 0 || size % 4 !== 0 || size + 4 > bytes.length) throw new RangeError('the character map is damaged');
    this.units = Uint32Array.from({ length: size / 4 }, (_, index) => bytes.readUInt32LE(4 + 4 * index));
    this.texts = bytes.subarray(4 + size);
  }

  normalize(text: string): string {
    let result = '';
    for (const { segment } of graphemes.segment(text)) {
      const bytes = encoder.encode(segment);
      const whole = bytes.length < 6 ? this.find(bytes) : undefined;
      if (whole !== undefined) result += whole;
      else for (const character of segment) result += this.find(encoder.encode(character)) ?? character;
    }
    return result;
  }

  /** What the longest beginning of a text that is in the map becomes, from a place on, as SentencePiece itself applies it; and its length. */
  longest(text: string, at: number): { readonly becomes: string; readonly length: number } | undefined {
    let place = offsetOf(this.units[0] ?? 0);
    let found: { becomes: string; length: number } | undefined;
    for (let end = at; end < text.length;) {
      const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
      end += character.length;
      for (const [index, byte] of encoder.encode(character).entries()) {
        place = (place ^ byte) >>> 0;
        const unit = this.units[place];
        if (byte === 0 || unit === undefined || labelOf(unit) !== byte) return found;
        place = (place ^ offsetOf(unit)) >>> 0;
        if (((unit >>> 8) & 1) === 0 || index + 1 < Buffer.byteLength(character)) continue;
        const becomes = this.textAt((this.units[place] ?? 0) & 0x7fffffff);
        if (becomes !== undefined) found = { becomes, length: end - at };
      }
    }
    return found;
  }

  /** What the shortest beginning of a sequence that is in the map becomes. */
  private find(bytes: Uint8Array): string | undefined {
    let place = offsetOf(this.units[0] ?? 0);
    for (const byte of bytes) {
      if (byte === 0) return undefined;
      place = (place ^ byte) >>> 0;
      const unit = this.units[place];
      if (unit === undefined || labelOf(unit) !== byte) return undefined;
      place = (place ^ offsetOf(unit)) >>> 0;
      if (((unit >>> 8) & 1) === 1) return this.textAt((this.units[place] ?? 0) & 0x7fffffff);
    }
    return undefined;
  }

  private textAt(start: number): string | undefined {
    const end = this.texts.indexOf(0, start);
    return start > this.texts.length ? undefined : this.texts.toString('utf8', start, end < 0 ? this.texts.length : end);
  }
}

/** A unit's byte, with the top bit of units that hold values. */
function labelOf(unit: number): number {
  return (unit & 0x800000ff) >>> 0;
}

function offsetOf(unit: number): number {
  return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
}
