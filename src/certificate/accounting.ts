import { account } from '../privacy/account';
import type { Mechanism, Reference } from '../privacy/mechanism';
import type { Predicate } from './statement';

/** What a schedule costs against both references, at one δ. */
export type Costs = Pick<Predicate['guarantee'], Reference>;

/**
 * Floating-point results may differ in the last digits between processors and versions of the mathematics.
 * A stated number may be this much below the recomputed one, relatively; no attack becomes better by a billionth.
 */
const ROUNDING = 1e-9;
/** A stated number may be this much above the recomputed one before it is called another number. */
const AGREEMENT = 1e-6;

/** μ, and ε at δ, for the retrained and the centre reference; see `account` for the source of the formulas. */
export function costsOf(mechanism: Mechanism, delta: number): Costs {
  const cost = (reference: Reference): Costs[Reference] => {
    const profile = account(mechanism, reference);
    return { ...(profile.mu !== undefined && { mu: profile.mu }), epsilon: profile.epsilon(delta) };
  };
  return { retrained: cost('retrained'), centre: cost('centre') };
}

/**
 * Recomputes the accounting from the schedule and compares it with what is stated.
 * @returns undefined if everything stated holds, else a sentence that says what does not.
 */
export function disagreement({ guarantee, mechanism }: Pick<Predicate, 'guarantee' | 'mechanism'>): string | undefined {
  const costs = costsOf(mechanism, guarantee.delta);
  for (const reference of ['retrained', 'centre'] as const) {
    for (const quantity of ['epsilon', 'mu'] as const) {
      const stated = guarantee[reference][quantity];
      const recomputed = costs[reference][quantity];
      if (!agrees(stated, recomputed)) return `Against the ${reference} reference the schedule gives ${symbol[quantity]} = ${recomputed ?? 'none'}, and ${stated ?? 'none'} is stated.`;
    }
  }
  const needed = costs[guarantee.reference].epsilon;
  if (needed <= guarantee.epsilon * (1 + ROUNDING)) return undefined;
  return `The schedule gives ε = ${needed} at δ = ${guarantee.delta}, and ε = ${guarantee.epsilon} is stated.`;
}

function agrees(stated: number | undefined, recomputed: number | undefined): boolean {
  if (stated === undefined || recomputed === undefined) return stated === recomputed;
  return recomputed <= stated * (1 + ROUNDING) && stated <= recomputed * (1 + AGREEMENT);
}

const symbol = { epsilon: 'ε', mu: 'μ' } as const;
