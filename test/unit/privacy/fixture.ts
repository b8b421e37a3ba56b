import reference from '../../fixtures/privacy.json';

export { reference };

/** |actual − expected| / |expected|; 0 for two equal numbers, zeros and infinities included. */
export function relativeError(actual: number, expected: number | string): number {
  const truth = Number(expected);
  return actual === truth ? 0 : Math.abs(actual - truth) / Math.abs(truth);
}
