import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountFromJson } from '../../../src/privacy/account-json';

/** Every mechanism with random numbers, against values that were computed apart from this program; the fixture says how. */

type Numbers = Readonly<Partial<Record<'mu' | 'epsilon' | 'delta', string>>>;
interface Case {
  readonly mechanism: { readonly method: string };
  readonly at: { readonly epsilon: number; readonly delta: number };
  readonly retrained?: Numbers;
  readonly centre?: Numbers;
}

const { cases } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'fixtures', 'privacy-random.json'), 'utf8')) as { readonly cases: readonly Case[] };

/** How much a result may be above the exact value, relatively. It may never be below it by more than the last bits. */
function above(quantity: keyof Numbers, exact: number): number {
  // μ is raised by 1e-12, and by 6·2⁻⁵³ a step. δ moves by |d ln δ / d ln μ| ≤ 4·|ln δ| times as much.
  if (quantity === 'delta') return 1e-11 * (1 + Math.abs(Math.log(exact)));
  return quantity === 'mu' ? 1e-11 : 1e-9;
}

describe.each([...new Set(cases.map(({ mechanism: { method } }) => method))])('%s', (method) => {
  it.each(cases.filter(({ mechanism }) => mechanism.method === method).map((each, index) => [index, each] as const))('of random numbers costs what it costs by other means (%d)', (_, each) => {
    const accounted = accountFromJson({ ...each.mechanism, ...each.at });
    if ('requests' in accounted) throw new RangeError('a mechanism is no history');
    for (const reference of ['retrained', 'centre'] as const) {
      for (const [quantity, text] of Object.entries(each[reference] ?? {}) as [keyof Numbers, string][]) {
        const [found, exact] = [accounted[reference]?.[quantity], Number(text === 'inf' ? Infinity : text)];
        const place = `${reference} ${quantity}: ${found ?? 'none'} for ${text}`;
        if (exact === Infinity) expect(found, place).toBeNull();
        // Bisection of the fixture ends at 1e-36, and doubles near 1e-308.
        else if (exact > 1e-30 || (quantity === 'delta' && exact > 1e-300)) {
          expect(found, place).toBeGreaterThanOrEqual(exact * (1 - 1e-13));
          expect(found, place).toBeLessThanOrEqual(exact * (1 + above(quantity, exact)));
        }
      }
    }
  });
});
