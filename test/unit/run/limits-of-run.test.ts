import { describe, expect, it } from 'vitest';
import type { SourceSpec } from '../../../src/data/source-spec';
import { limitsOfRun } from '../../../src/run/limits-of-run';

const source = (features: Extract<SourceSpec, { features: readonly unknown[]; path: unknown }>['features']): SourceSpec => ({ format: 'csv', path: 'mails.csv', label: 'y', features });
const plain = { nearDuplicates: undefined, standardization: undefined };

describe('the limits of a run', () => {
  it('say that a vocabulary or a tokenizer may remember, and nothing where texts are hashed', () => {
    const [vocabulary] = limitsOfRun(plain, source([{ column: 'body', vocabulary: 'words.txt' }]));
    expect(vocabulary).toContain('is the word of the signer');
    expect(limitsOfRun(plain, source(['x', { column: 'body', tokenizer: 'tokenizer.json', length: 8 }]))).toEqual([vocabulary]);
    expect(limitsOfRun(plain, source(['x', { column: 'body', buckets: 8 }]))).toEqual([]);
    expect(limitsOfRun(plain, { format: 'images', path: 'images' })).toEqual([]);
  });

  it('say how many near duplicates were kept, and that the scaling is that of the retained records', () => {
    const near = { policy: 'decided', forget: new Uint32Array(), found: [], kept: 2, groups: [] } as const;
    expect(limitsOfRun({ ...plain, nearDuplicates: near }, source(['x']))).toEqual([expect.stringMatching(/^2 retained records resemble/)]);
    expect(limitsOfRun({ ...plain, standardization: { subtract: [0], divide: [1] } }, source(['x']))).toEqual([expect.stringMatching(/^Features were standardised/)]);
  });
});
