import { describe, expect, it } from 'vitest';
import type { ModelReport } from '../../../src/protocol/model-messages';
import { buildModelPage, rowsNamed } from '../../../webview/model/page-model';

const report: ModelReport = {
  path: '/models/digits.h5', format: 'Keras 2 HDF5', inputShape: ['batch', 28, 28], layers: ['dense', 'normed'], parameters: 7850, obstacle: undefined, trainable: [],
  tensors: [
    { name: 'dense/kernel:0', shape: [784, 10], dataType: 'float32', role: 'parameter', count: 7840, norm: 3 },
    { name: 'dense/bias:0', shape: [10], dataType: 'float32', role: 'parameter', count: 10, norm: 4 },
    { name: 'normed/moving_mean:0', shape: [10], dataType: 'float32', role: 'buffer', count: 10 },
    { name: 'scale', shape: [], dataType: 'int64', role: 'constant', count: 1 },
  ],
  residues: [{ name: 'optimizer_weights/Adam/m:0', kind: 'optimizer-state', treatment: 'dropped' }],
};

describe('the page of a model', () => {
  it('says what the file is; norms of 3 and 4 make one of √(9 + 16) = 5', () => {
    expect(buildModelPage(report).facts).toEqual([
      ['Format', 'Keras 2 HDF5'], ['Input', 'batch × 28 × 28'], ['Parameters', '7,850'], ['Tensors', '4'], ['Norm of all that is trained', '5'],
    ]);
  });

  it('tells each tensor with its role in words, and leaves a norm that is not known empty', () => {
    expect(buildModelPage(report).tensors).toEqual([
      ['dense/kernel:0', '784 × 10', 'trained', '7,840', 'float32', '3'],
      ['dense/bias:0', '10', 'trained', '10', 'float32', '4'],
      ['normed/moving_mean:0', '10', 'computed from data', '10', 'float32', ''],
      ['scale', 'single number', 'constant', '1', 'int64', ''],
    ]);
  });

  it('says what unlearning would drop', () => expect(buildModelPage(report).dropped).toEqual([['optimizer_weights/Adam/m:0', 'state of the optimiser']]));

  it('claims no norm of all while that of one trained tensor is not known', () => {
    const [kernel, ...others] = report.tensors;
    if (kernel === undefined) throw new Error('the report has no tensor');
    expect(buildModelPage({ ...report, tensors: [{ ...kernel, norm: undefined }, ...others] }).facts.map(([label]) => label)).not.toContain('Norm of all that is trained');
  });

  it('leaves out an input that no graph names, and gives the reason why nothing can be trained', () => {
    const page = buildModelPage({ ...report, inputShape: [], obstacle: 'the file holds tensors alone.' });
    expect(page.facts.map(([label]) => label)).not.toContain('Input');
    expect(page.obstacle).toBe('the file holds tensors alone.');
  });

  it('filters by a part of the name, in whatever case', () => {
    const { tensors } = buildModelPage(report);
    expect(rowsNamed(tensors, ' DENSE ').map(([name]) => name)).toEqual(['dense/kernel:0', 'dense/bias:0']);
    expect(rowsNamed(tensors, '')).toHaveLength(4);
    expect(rowsNamed(tensors, 'trained')).toEqual([]); // other columns are not names
  });
});
