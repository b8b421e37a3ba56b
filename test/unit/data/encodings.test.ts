import { describe, expect, test } from 'vitest';
import type { SourceDataset } from '../../../src/data/source-dataset';
import { openDataset } from '../../../src/data/open-dataset';
import type { FeatureColumn } from '../../../src/data/source-spec';
import { bucketOf, splitWords, Vocabulary } from '../../../src/data/vocabulary';
import { useFolder, userError } from './sources';

const folder = useFolder();

async function open(text: string, features: readonly FeatureColumn[]): Promise<SourceDataset> {
  await folder.file('t.csv', text);
  return openDataset({ format: 'csv', path: 't.csv', label: 'y', features }, { base: folder.path });
}

async function rows(data: SourceDataset): Promise<number[][]> {
  const { features } = await data.read(Uint32Array.from({ length: data.count }, (_, record) => record));
  const width = features.length / data.count;
  return Array.from({ length: data.count }, (_, record) => Array.from(features.subarray(record * width, (record + 1) * width)));
}

describe('columns of categories', () => {
  test('become one feature for each value, beside other columns', async () => {
    const data = await open('a,c,y\n5,red,0\n6,blue,1\n', [{ column: 'c', oneHot: ['blue', 'green', 'red'] }, 'a']);
    expect(await rows(data)).toEqual([[0, 0, 1, 5], [1, 0, 0, 6]]);
    expect(data.featureShape).toEqual([4]);
  });

  test('may be numbers', async () => {
    expect(await rows(await open('c,y\n2,0\n1.0,1\n', [{ column: 'c', oneHot: [1, 2] }]))).toEqual([[0, 1], [1, 0]]);
    await userError(open('c,y\n" ",0\n', [{ column: 'c', oneHot: 3 }]), 'feature-unknown');
  });

  test('may be the integers from 0 on', async () => {
    expect(await rows(await open('c,y\n2,0\n0,1\n', [{ column: 'c', oneHot: 3 }]))).toEqual([[0, 0, 1], [1, 0, 0]]);
    await userError(open('c,y\n3,0\n', [{ column: 'c', oneHot: 3 }]), 'feature-unknown');
  });

  test('refuse values that are not listed and values that are missing', async () => {
    const error = await userError(open('c,y\nred,0\npink,1\n', [{ column: 'c', oneHot: ['red'] }]), 'feature-unknown');
    expect(error).toMatchObject({ file: 't.csv', field: 'data.features[0]' });
    expect(error.message).toContain('record 1, column "c" is "pink"');
    await userError(open('c,a,y\nred,1,0\n,2,1\n', [{ column: 'c', oneHot: ['red'] }]), 'feature-not-finite');
    expect((await userError(open('c,y\nred,0\n', ['c', { column: 'd', oneHot: ['red'] }]), 'column-missing')).field).toBe('data.features[1].column');
  });
});

describe('columns of text', () => {
  const text = 'body,y\n"Free, free MONEY!",0\nmeeting at noon,1\n';

  test('become counts, presence or the numbers of the words, by their places in the vocabulary', async () => {
    await folder.file('words.txt', 'free\nmoney\nnoon\n');
    await folder.file('keras.json', '["", "[UNK]", "free", "noon"]');
    expect(await rows(await open(text, [{ column: 'body', vocabulary: 'words.txt' }]))).toEqual([[2, 1, 0], [0, 0, 1]]);
    expect(await rows(await open(text, [{ column: 'body', vocabulary: 'words.txt', as: 'binary' }]))).toEqual([[1, 1, 0], [0, 0, 1]]);
    expect(await rows(await open(text, [{ column: 'body', vocabulary: 'words.txt', as: 'tokens', length: 2 }]))).toEqual([[0, 0], [2, 0]]);
    // [UNK] is word 1 and takes the place of every word that is not known.
    expect(await rows(await open(text, [{ column: 'body', vocabulary: 'keras.json', as: 'tokens', length: 4 }]))).toEqual([[2, 2, 1, 0], [1, 1, 3, 0]]);
    expect(await rows(await open(text, [{ column: 'body', vocabulary: 'keras.json' }]))).toEqual([[0, 1, 2, 0], [0, 2, 0, 1]]);
  });

  test('need a vocabulary without repetition, and a length where the order of the words counts', async () => {
    await folder.file('twice.txt', 'a\nb\na\n');
    expect(await userError(open(text, [{ column: 'body', vocabulary: 'twice.txt' }]), 'vocabulary-invalid')).toMatchObject({ file: 'twice.txt', field: 'data.features[0].vocabulary' });
    await folder.file('odd.json', '{"a": 1}');
    await userError(open(text, [{ column: 'body', vocabulary: 'odd.json' }]), 'vocabulary-invalid');
    await userError(open(text, [{ column: 'body', vocabulary: 'gone.txt' }]), 'file-missing');
    expect((await userError(open(text, [{ column: 'body', vocabulary: 'words.txt', as: 'tokens' }]), 'text-length')).field).toBe('data.features[0].length');
  });

  test('become counts in hash buckets without any vocabulary', async () => {
    // FNV-1a of "a" is 0xe40c292c and of "foobar" 0xbf9cf968 (G. Fowler, L. Noll, K.-P. Vo, test vectors of the draft RFC).
    expect([bucketOf('a', 2 ** 31), bucketOf('foobar', 2 ** 31)]).toEqual([0xe40c292c % 2 ** 31, 0xbf9cf968 % 2 ** 31]);
    const [counts] = await rows(await open('body,x,y\n"A a foobar",1,0\n', [{ column: 'body', buckets: 5 }]));
    const expected = [0, 0, 0, 0, 0];
    for (const [word, times] of [['a', 2], ['foobar', 1]] as const) expected[bucketOf(word, 5)] = (expected[bucketOf(word, 5)] ?? 0) + times;
    expect(counts).toEqual(expected);
    const [binary] = await rows(await open('body,x,y\n"A a foobar",1,0\n', [{ column: 'body', buckets: 5, as: 'binary' }]));
    expect(binary).toEqual(expected.map((count) => Math.min(count, 1)));
  });

  test('are split as Keras splits them by default', () => {
    expect(splitWords('  It\'s  a Test-case,\n(really)_yes! É ')).toEqual(['its', 'a', 'testcase', 'reallyyes', 'é']);
    expect(new Vocabulary(['x']).numbersOf('X y x.')).toEqual([0, 0]);
  });
});
