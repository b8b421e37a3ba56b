import { PrecompiledNormalizer } from './precompiled-normalizer';
import type { Piece, SentencePieceModel } from './sentencepiece-model';
import { cutTo } from './token-numbers';
import type { Side, TokenNumbers } from './token-numbers';
import { UnreadableStep } from './tokenizer-steps';

const mark = '▁';
/** What an unknown character costs more than the least likely piece. */
const unknownPenalty = 10;

/** Where a text is cut into pieces, and the number of each. */
type Segments = readonly { readonly text: string; readonly number: number }[];

/** A SentencePiece model with the algorithms Unigram and BPE, as `SentencePieceProcessor.encode` of the library applies it (normalizer.cc, unigram_model.cc, bpe_model.cc of version 0.2). Nothing is put around a text. */
export class SentencePieceTokenizer implements TokenNumbers {
  readonly size: number;
  readonly padding: TokenNumbers['padding'];
  readonly cut = 'end';
  private readonly model: SentencePieceModel;
  private readonly map: PrecompiledNormalizer | undefined;
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly bytes: ReadonlyMap<string, number>;
  private readonly unknown: number;
  /** Longest first. */
  private readonly userDefined: readonly string[];
  private readonly longest: number;
  private readonly leastScore: number;
  private readonly mostScore: number;

  /** @throws UnreadableStep for the algorithms of words and characters, and for bytes that are not all there. */
  constructor(model: SentencePieceModel) {
    if (model.algorithm === 'word' || model.algorithm === 'char') throw new UnreadableStep(`the SentencePiece model of the type ${model.algorithm}`);
    const found = (...types: readonly Piece['type'][]): [string, number][] => model.pieces.flatMap(({ text, type }, number) => (types.includes(type) ? [[text, number]] : []));
    this.model = model;
    this.size = model.pieces.length;
    this.padding = { side: 'end', number: model.padding ?? 0 };
    this.map = model.characterMap.length === 0 ? undefined : new PrecompiledNormalizer(Buffer.from(model.characterMap).toString('base64'));
    this.numbers = new Map(found('normal', 'user-defined', 'unused'));
    this.bytes = new Map(found('byte'));
    if (model.byteFallback && this.bytes.size !== 256) throw new UnreadableStep('bytes for unknown characters that are not all there');
    this.unknown = found('unknown')[0]?.[1] ?? 0;
    this.userDefined = found('user-defined').map(([text]) => text).sort((a, b) => b.length - a.length);
    this.longest = Math.max(0, ...[...this.numbers.keys()].map((text) => Array.from(text).length));
    const scores = model.pieces.filter(({ type }) => type === 'normal').map(({ score }) => score);
    this.leastScore = scores.reduce((least, score) => Math.min(least, score), Infinity);
    this.mostScore = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  }

  numbersOf(text: string, most?: { readonly length: number; readonly cut: Side }): readonly number[] {
    const normalized = this.normalize(text);
    const segments = this.model.algorithm === 'bpe' ? this.merged(normalized) : this.likeliest(normalized);
    const numbers: number[] = [];
    let afterUnknown = false;
    for (const segment of segments) {
      const isUnknown = segment.number === this.unknown;
      if (isUnknown && this.model.byteFallback) for (const byte of Buffer.from(segment.text)) numbers.push(this.bytes.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`) ?? this.unknown);
      else if (!isUnknown || !afterUnknown) numbers.push(segment.number); // a run of unknown characters is one token
      afterUnknown = isUnknown;
    }
    return most === undefined ? numbers : cutTo(numbers, most.length, most.cut);
  }

  private userDefinedAt(text: string, at: number): string | undefined {
    return this.userDefined.find((symbol) => text.startsWith(symbol, at));
  }

  /** What the beginning of a text becomes, and how much of it. */
  private prefix(text: string, at: number): { readonly becomes: string; readonly length: number } {
    const symbol = this.userDefinedAt(text, at);
    if (symbol !== undefined) return { becomes: symbol, length: symbol.length };
    const mapped = this.map?.longest(text, at);
    if (mapped !== undefined) return mapped;
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    return { becomes: character, length: character.length };
  }

  private normalize(text: string): string {
    const { removeExtraWhitespaces, addDummyPrefix, escapeWhitespaces, whitespaceAsSuffix } = this.model;
    const space = escapeWhitespaces ? mark : ' ';
    let at = 0;
    if (removeExtraWhitespaces) {
      for (let next = text.length > 0 ? this.prefix(text, 0) : undefined; next?.becomes === ' '; next = at < text.length ? this.prefix(text, at) : undefined) at += next.length;
    }
    if (at >= text.length) return '';
    let result = addDummyPrefix && !whitespaceAsSuffix ? space : '';
    let afterSpace = removeExtraWhitespaces;
    while (at < text.length) {
      const { becomes, length } = this.prefix(text, at);
      const piece = afterSpace ? becomes.replace(/^ +/, '') : becomes;
      if (piece !== '') {
        result += escapeWhitespaces ? piece.replaceAll(' ', mark) : piece;
        afterSpace = piece.endsWith(' ');
      }
      if (!removeExtraWhitespaces) afterSpace = false;
      at += length;
    }
    if (removeExtraWhitespaces) while (result.endsWith(space)) result = result.slice(0, -space.length);
    return addDummyPrefix && whitespaceAsSuffix ? result + space : result;
  }

  /** The most likely pieces (Viterbi), scores in float32 as the library adds them. */
  private likeliest(text: string): Segments {
    const characters = Array.from(text);
    const best = characters.map(() => ({ score: 0, start: -1, number: -1 }));
    const unknownScore = Math.fround(this.leastScore - unknownPenalty);
    for (let start = 0; start < characters.length; start++) {
      const here = start === 0 ? 0 : (best[start - 1]?.score ?? 0);
      const reach = (end: number, sum: number, number: number): void => {
        const target = best[end];
        const score = Math.fround(sum);
        if (target === undefined || (target.start >= 0 && score <= target.score)) return;
        target.score = score;
        target.start = start;
        target.number = number;
      };
      let piece = '';
      let hasSingle = false;
      for (let end = start; end < Math.min(characters.length, start + this.longest); end++) {
        piece += characters[end] ?? '';
        const number = this.numbers.get(piece);
        const found = number === undefined ? undefined : this.model.pieces[number];
        if (number === undefined || found === undefined || found.type === 'unused') continue;
        reach(end, here + (found.type === 'user-defined' ? Math.fround(Math.fround(Buffer.byteLength(piece) * this.mostScore) - 0.1) : found.score), number);
        hasSingle ||= end === start;
      }
      if (!hasSingle) reach(start, unknownScore + here, this.unknown);
    }
    const segments: { text: string; number: number }[] = [];
    for (let end = characters.length - 1; end >= 0;) {
      const { start, number } = best[end] ?? { start: end, number: this.unknown };
      segments.push({ text: characters.slice(start, end + 1).join(''), number });
      end = start - 1;
    }
    return segments.reverse();
  }

  /** Pairs merged as long as there are any, the best first and among equals the one further left. */
  private merged(text: string): Segments {
    const symbols: { text: string; isWhole: boolean }[] = [];
    for (let at = 0; at < text.length;) {
      const symbol = this.userDefinedAt(text, at);
      const piece = symbol ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
      symbols.push({ text: piece, isWhole: symbol !== undefined });
      at += piece.length;
    }
    const parts = new Map<string, readonly [string, string]>();
    /** What merging each symbol with the next one is worth; nothing where that is no piece. */
    const worth = (index: number): number => {
      const [left, right] = [symbols[index], symbols[index + 1]];
      if (left === undefined || right === undefined || left.isWhole || right.isWhole) return -Infinity;
      const number = this.numbers.get(left.text + right.text);
      const piece = number === undefined ? undefined : this.model.pieces[number];
      if (piece?.type === 'unused') parts.set(piece.text, [left.text, right.text]);
      return piece?.score ?? -Infinity;
    };
    const worths = symbols.map((_, index) => worth(index));
    for (;;) {
      let place = -1;
      let most = -Infinity;
      for (let index = 0; index < worths.length; index++) {
        const value = worths[index] ?? -Infinity;
        if (value > most) [place, most] = [index, value];
      }
      const [left, right] = [symbols[place], symbols[place + 1]];
      if (left === undefined || right === undefined) break;
      symbols.splice(place, 2, { text: left.text + right.text, isWhole: false });
      worths.splice(place, 2, worth(place));
      if (place > 0) worths[place - 1] = worth(place - 1);
    }
    // A piece that is in the vocabulary only on the way to others is taken apart again.
    const apart = (piece: string): Segments => {
      const number = this.numbers.get(piece);
      const pair = number !== undefined && this.model.pieces[number]?.type === 'unused' ? parts.get(piece) : undefined;
      return pair === undefined ? [{ text: piece, number: number ?? this.unknown }] : [...apart(pair[0]), ...apart(pair[1])];
    };
    return symbols.flatMap(({ text: piece }) => apart(piece));
  }
}
