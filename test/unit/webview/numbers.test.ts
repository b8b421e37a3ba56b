import { describe, expect, it } from 'vitest';
import { duration, format } from '../../../webview/numbers';

describe('numbers for reading', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [0.0333859, '0.03339'],
    [1e-5, '1e-5'],
    [1.5e-6, '1.5e-6'],
    [100_000, '100000'],
    [1e6, '1e6'],
    [-0.25, '-0.25'],
    [Infinity, '∞'],
  ])('%d is shown as %s', (value, text) => expect(format(value)).toBe(text));

  it('times are rounded up in seconds, then told in minutes and hours', () => {
    expect([0.2, 59.1, 600, 7200].map(duration)).toEqual(['1 s', '60 s', '10 min', '2.0 h']);
  });
});
