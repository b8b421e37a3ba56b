import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HuggingFaceTokenizer } from '../../../src/data/huggingface-tokenizer';
import { openDataset } from '../../../src/data/open-dataset';
import type { FeatureColumn } from '../../../src/data/source-spec';
import { PrecompiledNormalizer } from '../../../src/data/precompiled-normalizer';
import { encodeText } from '../../../src/data/token-numbers';
import { readTokenizer } from '../../../src/data/tokenizer-file';
import type { BoundTokenizer } from '../../../src/data/tokenizer-file';
import { Vocabulary } from '../../../src/data/vocabulary';
import { UserError } from '../../../src/error';
import { useFolder, userError } from './sources';

const folder = useFolder();
const fixtures = join('test', 'fixtures', 'data', 'tokenizers');
type Json = Record<string, unknown>;
const read = (name: string): Json => JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Json;

/** What the original libraries give; see the scripts beside the files. */
const huggingFace = read('expected.json') as unknown as { readonly texts: readonly string[]; readonly expected: Readonly<Record<string, { readonly ids: readonly (readonly [number[], number[]])[]; readonly cut: readonly number[][] }>> };
const keras = read('keras-expected.json') as unknown as {
  readonly texts: readonly string[];
  readonly expected: Readonly<Record<'keras-words' | 'keras-characters' | 'keras-plain', { readonly sequences: number[][]; readonly padded: number[][]; readonly post: number[][]; readonly count: number[][]; readonly binary: number[][] }>> & { readonly vocabulary: { readonly words: string[]; readonly tokens: number[][] } };
};

async function open(content: string | Json, name = 'tokenizer.json', timeLimit = 10_000): Promise<BoundTokenizer> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const path = join(folder.path, await folder.file(name, text));
  return readTokenizer({ path, file: name, field: 'features[0].tokenizer', size: Buffer.byteLength(text) }, { special: true, timeLimit });
}

describe('a tokenizer.json', () => {
  test.each(Object.keys(huggingFace.expected))('%s gives the numbers that the original library gives, with and without the tokens around a text, and cut', (name) => {
    const file = read(`${name}.json`);
    const expected = huggingFace.expected[name];
    const [around, alone] = [new HuggingFaceTokenizer({ ...file, truncation: null }, true), new HuggingFaceTokenizer(file, false)];
    for (const [index, text] of huggingFace.texts.entries()) {
      expect(around.numbersOf(text), text).toEqual(expected?.ids[index]?.[0]);
      expect(alone.numbersOf(text), text).toEqual(expected?.ids[index]?.[1]);
      expect(around.numbersOf(text, { length: 6, cut: 'end' }), text).toEqual(expected?.cut[index]);
    }
  });

  test('with a character map of SentencePiece gives the texts and the numbers that the original gives', () => {
    const { texts, normalized, ids } = read('precompiled-expected.json') as { readonly texts: readonly string[]; readonly normalized: readonly string[]; readonly ids: readonly number[][] };
    const file = read('precompiled.json') as { readonly normalizer: { readonly normalizers: readonly { readonly precompiled_charsmap: string }[] } };
    const map = new PrecompiledNormalizer(file.normalizer.normalizers[0]?.precompiled_charsmap ?? '');
    const lower = (text: string): string => Array.from(text, (character) => character.toLowerCase()).join(''); // the file's second step
    const tokenizer = new HuggingFaceTokenizer({ ...file }, true);
    for (const [index, text] of texts.entries()) {
      expect(lower(map.normalize(text)), text).toBe(normalized[index]);
      expect(tokenizer.numbersOf(text), text).toEqual(ids[index]);
    }
    for (const damaged of ['', 'AAAA', 'AAAABBBB', 'BAAAAA==', '////////']) expect(() => new PrecompiledNormalizer(damaged)).toThrow(RangeError);
    const added = [{ id: 0, content: '<pad>', normalized: true }];
    expect(() => new HuggingFaceTokenizer({ ...file, added_tokens: added }, true)).toThrow('sought in normalized text');
  });

  test('becomes features, filled up and cut as the file says, or as the request says', async () => {
    const spec = (more: object): FeatureColumn => ({ column: 'body', tokenizer: 'wordlevel.json', ...more });
    await folder.file('wordlevel.json', JSON.stringify(read('wordlevel.json')));
    await folder.file('mails.csv', 'body,y\n"hello, world",0\nhello hello there again hello world,1\n');
    const rows = async (more: object): Promise<number[][]> => {
      const data = await openDataset({ format: 'csv', path: 'mails.csv', label: 'y', features: [spec(more)] }, { base: folder.path });
      const { features } = await data.read(Uint32Array.of(0, 1));
      return [Array.from(features.subarray(0, features.length / 2)), Array.from(features.subarray(features.length / 2))];
    };
    const { vocab } = read('wordlevel.json')['model'] as { readonly vocab: Record<string, number> };
    const [hello = 0, comma = 0, world = 0, there = 0, again = 0] = ['hello', ',', 'world', 'there', 'again'].map((word) => vocab[word]);
    // Both "padding" and "truncation" of the file have the direction left.
    expect(await rows({ length: 4 })).toEqual([[0, hello, comma, world], [there, again, hello, world]]);
    expect(await rows({ length: 4, padding: 'end', cut: 'end' })).toEqual([[hello, comma, world, 0], [hello, hello, there, again]]);
    const [counts] = await rows({ as: 'counts' }).then(([, second]) => [second]);
    expect(counts?.length).toBe(Math.max(...Object.values(vocab)) + 2); // "snake_case" was added behind the vocabulary
    expect([hello, world, there, again, comma].map((word) => counts?.[word])).toEqual([3, 1, 1, 1, 0]);
    expect((await userError(rows({}), 'text-length')).field).toBe('data.features[0].length');
    expect((await userError(rows({ tokenizer: 'gone.json', length: 4 }), 'file-missing')).field).toBe('data.features[0].tokenizer');
  });

  test('has the number of its padding fill up', () => {
    const roberta = new HuggingFaceTokenizer(read('roberta.json'), true);
    const target = new Float32Array(5);
    encodeText(roberta, '', 'tokens', target);
    expect(Array.from(target)).toEqual([0, 2, 1, 1, 1]); // <s> </s> <pad> <pad> <pad>
  });

  test('that leaves no room for a text is refused, and a cell without text too', async () => {
    await folder.file('wordpiece.json', JSON.stringify(read('wordpiece.json')));
    await folder.file('none.csv', 'body,y\na,0\n,1\n');
    const opened = (length: number): Promise<unknown> => openDataset({ format: 'csv', path: 'none.csv', label: 'y', features: [{ column: 'body', tokenizer: 'wordpiece.json', length }] }, { base: folder.path });
    expect((await userError(opened(1), 'text-length')).message).toContain('puts 2 tokens around each text');
    expect((await userError(opened(8), 'feature-not-finite')).message).toContain('record 1, column "body" is empty');
  });

  test('is refused by name where it would be read differently', async () => {
    const base = read('bytelevel.json');
    const model = base['model'] as Json;
    const refused = async (change: Json, what: string): Promise<void> => expect((await userError(open({ ...base, ...change }), 'tokenizer-unsupported')).message).toContain(what);
    await refused({ normalizer: { type: 'Sequence', normalizers: [{ type: 'Nmt' }] } }, 'the normalizer Nmt');
    await refused({ pre_tokenizer: { type: 'UnicodeScripts' } }, 'the pre-tokenizer UnicodeScripts');
    await refused({ pre_tokenizer: { type: 'Split', pattern: { String: 'a' }, behavior: 'MergedWithNext', invert: false } }, 'Split with the behavior mergedwithnext');
    await refused({ pre_tokenizer: { type: 'Split', pattern: { String: 'a' }, behavior: 'Isolated', invert: true } }, 'inverted');
    await refused({ pre_tokenizer: { type: 'Split', pattern: { Glob: '*' }, behavior: 'Isolated' } }, 'without a pattern');
    await refused({ pre_tokenizer: { type: 'Punctuation', behavior: 'MergedWithPrevious' } }, 'Punctuation with the behavior');
    await refused({ model: { ...model, dropout: 0.1 } }, 'dropout');
    await refused({ model: { ...model, type: 'Custom' } }, 'the model Custom');
    await refused({ model: { type: 'Unigram', unk_id: null, vocab: [['a', 0]] } }, 'without a token for what is unknown');
    await refused({ model: { type: 'Unigram', unk_id: 0, byte_fallback: true, vocab: [['a', 0]] } }, 'Unigram with bytes');
    await refused({ added_tokens: [{ id: 0, content: 'x', single_word: true }] }, 'whole word');
    // A WordLevel model without a token for unknown words cannot say anything about a text that has some.
    const words = new HuggingFaceTokenizer({ ...base, pre_tokenizer: { type: 'Whitespace' }, post_processor: null, added_tokens: [], model: { type: 'WordLevel', vocab: { a: 0 } } }, true);
    expect(words.numbersOf('a a')).toEqual([0, 0]);
    expect(() => words.numbersOf('a b')).toThrow('no token for what is unknown');
  });

  test('that is none is refused', async () => {
    for (const content of ['', '[]', '{}', '{"model":{}', 'null', '7', '{"model":7}', '{"class_name":"Tokenizer","config":{}}', '{"class_name":"Tokenizer","config":{"word_index":"[]","split":" "}}', '\u00ff']) {
      const error = await open(content).then(() => undefined, (reason: unknown) => reason);
      expect(error, content).toBeInstanceOf(UserError);
    }
    expect((await userError(open('\n\u000e\n\u0005', 'spiece.model'), 'tokenizer-invalid')).message).toContain('SentencePiece');
    expect((await userError(open({ class_name: 'Evil', config: {} }), 'tokenizer-unsupported')).message).toContain('not Tokenizer');
    const path = join(folder.path, await folder.file('large.json', '{}'));
    await userError(readTokenizer({ path, file: 'large.json', size: 2 ** 31 }, { special: true, timeLimit: 1000 }), 'tokenizer-too-large');
  });

  test('cannot hold the machine with a regular expression, nor with its own size', async () => {
    const base = read('bytelevel.json');
    // (a+)+$ tries 2^n ways to split n letters before it gives up.
    const evil = await open({ ...base, pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false } }, 'evil.json', 300);
    const error = await userError(Promise.resolve().then(() => evil.within(() => void evil.tokens.numbersOf(`${'a'.repeat(60)}b`))), 'tokenizer-time');
    expect(error.file).toBe('evil.json');
    // An added token with an enormous number would make an array with as many places.
    await userError(open({ ...base, added_tokens: [{ id: 4_000_000_000, content: 'x' }] }), 'tokenizer-invalid');
    const model = base['model'] as { readonly vocab: object };
    for (const number of [2 ** 31, 2 ** 24, -1, 0.5, 'x', null]) await userError(open({ ...base, model: { ...model, vocab: { ...model.vocab, x: number } } }), 'tokenizer-invalid');
    const nested = JSON.stringify({ ...base, normalizer: 'HERE' }).replace('"HERE"', `${'{"type":"Sequence","normalizers":['.repeat(20_000)}${']}'.repeat(20_000)}`);
    await userError(open(nested), 'tokenizer-invalid');
  });

  test('with any part of it replaced by anything is read or refused with a message', async () => {
    const parts = ['model', 'normalizer', 'pre_tokenizer', 'post_processor', 'added_tokens', 'padding', 'truncation'];
    const file = read('wordpiece.json');
    await fc.assert(fc.asyncProperty(fc.constantFrom(...parts), fc.constantFrom(undefined, 'type', 'vocab', 'special_tokens', 'single', 'merges'), fc.jsonValue({ maxDepth: 3 }), async (part, inner, value) => {
      const old = file[part];
      const changed = inner !== undefined && typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old, [inner]: value } : value;
      try {
        const { tokens, within } = await open({ ...file, [part]: changed });
        within(() => {
          for (const number of tokens.numbersOf('Hello there, [SEP] 12')) expect(number).toBeLessThan(tokens.size);
        });
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }), { numRuns: 300 });
  });
});

describe('a tokenizer of Keras', () => {
  const names = ['keras-words', 'keras-characters', 'keras-plain'] as const;

  test.each(names)('%s gives the numbers, the padding, the counts and the presence that Keras gives', async (name) => {
    const { sequences, padded, post, count, binary } = keras.expected[name];
    const { tokens } = await open(readFileSync(join(fixtures, `${name}.json`), 'utf8'));
    for (const [index, text] of keras.texts.entries()) {
      expect(tokens.numbersOf(text), text).toEqual(sequences[index]);
      const encoded = (encoding: 'tokens' | 'counts' | 'binary', length: number, options = {}): number[] => {
        const target = new Float32Array(length);
        encodeText(tokens, text, encoding, target, options);
        return Array.from(target);
      };
      expect(encoded('tokens', 5)).toEqual(padded[index]);
      expect(encoded('tokens', 5, { padding: 'end', cut: 'end' })).toEqual(post[index]);
      expect(encoded('counts', tokens.size)).toEqual(count[index]);
      expect(encoded('binary', tokens.size)).toEqual(binary[index]);
    }
  });

  test('may have been written as a JSON text in JSON', async () => {
    const { tokens } = await open(JSON.stringify(readFileSync(join(fixtures, 'keras-words.json'), 'utf8')));
    expect(tokens.numbersOf('delete')).toEqual(keras.expected['keras-words'].sequences[keras.texts.indexOf('the the the the the the the delete')]?.slice(-1));
  });

  test('as a vocabulary of TextVectorization splits as that layer does, beyond ASCII too', () => {
    const { words, tokens } = keras.expected.vocabulary;
    const vocabulary = new Vocabulary(words);
    const encoded = keras.texts.map((text) => {
      const target = new Float32Array(6);
      encodeText(vocabulary, text, 'tokens', target);
      return Array.from(target);
    });
    expect(encoded).toEqual(tokens);
  });
});

describe('a SentencePiece model', () => {
  const { texts, expected } = read('spiece-expected.json') as unknown as { readonly texts: readonly string[]; readonly expected: Readonly<Record<string, { readonly size: number; readonly ids: readonly (readonly number[])[] }>> };
  const modelOf = (name: string): Buffer => readFileSync(join(fixtures, `spiece-${name}.model`));
  const openModel = async (bytes: Uint8Array): Promise<BoundTokenizer> => readTokenizer({ path: join(folder.path, await folder.file('spiece.model', bytes)), file: 'spiece.model', size: bytes.length }, { special: true, timeLimit: 10_000 });

  test.each(Object.keys(expected))('%s gives the numbers that the original library gives', async (name) => {
    const { tokens } = await openModel(modelOf(name));
    expect(tokens.size).toBe(expected[name]?.size);
    for (const [index, text] of texts.entries()) expect(tokens.numbersOf(text), JSON.stringify(text)).toEqual(expected[name]?.ids[index]);
  });

  test('is cut at the end, and filled up with the number that it has for that', async () => {
    const text = 'the certificate';
    for (const [name, filling] of [['bytes', 3], ['unigram', 0]] as const) { // pad_id 3 in one of them
      const { tokens } = await openModel(modelOf(name));
      const target = new Float32Array(40);
      encodeText(tokens, text, 'tokens', target);
      const numbers = tokens.numbersOf(text);
      expect(Array.from(target)).toEqual([...numbers, ...new Array<number>(40 - numbers.length).fill(filling)]);
      expect(tokens.numbersOf(text, { length: 2, cut: 'end' })).toEqual(numbers.slice(0, 2));
    }
  });

  test('with any byte changed is read or refused with a message', async () => {
    const good = modelOf('bpe');
    await fc.assert(fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (position, value) => {
      const bad = Buffer.from(good);
      bad[position] = value;
      const error = await openModel(bad).then(({ tokens, within }) => within(() => void tokens.numbersOf('the noise'))).catch((reason: unknown) => reason);
      if (error !== undefined) expect(error).toBeInstanceOf(UserError);
    }), { numRuns: 100 });
    await userError(openModel(good.subarray(0, good.length / 2)), 'tokenizer-invalid');
  });

  test('with a piece without text is refused: it would be found in every text for ever', async () => {
    // Field 1 of a model is a piece; of a piece, field 1 is the text, here missing or empty, and field 3 the type, here 4: user-defined.
    for (const piece of [[0x0a, 2, 0x18, 4], [0x0a, 4, 0x0a, 0, 0x18, 4]]) await userError(openModel(Buffer.concat([modelOf('bpe'), Buffer.from(piece)])), 'tokenizer-invalid');
    await openModel(Buffer.concat([modelOf('bpe'), Buffer.of(0x0a, 5, 0x0a, 1, 0x21, 0x18, 4)]));
  });
});
