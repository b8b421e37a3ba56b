import { describe, expect, it } from 'vitest';
import { twoDigitValues } from '../../../webview/panel/two-digit-values';

describe('the values that a slider stands on', () => {
  it('are all numbers of two digits between its ends', () => {
    const values = twoDigitValues(0.05, 20);
    // 0.050 to 0.099, 0.10 to 0.99, 1.0 to 9.9, 10 to 20: 50 + 90 + 90 + 11.
    expect(values).toHaveLength(241);
    expect([values[0], values[1], values[50], values[140], values[141], values.at(-1)]).toEqual([0.05, 0.051, 0.1, 1, 1.1, 20]);
  });

  it('ascend, and are the numbers that people type', () => {
    const values = twoDigitValues(0.05, 20);
    expect(values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0))).toBe(true);
    expect(values.filter((value) => Number(value.toPrecision(2)) !== value)).toEqual([]);
  });
});
