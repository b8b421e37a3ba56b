import type { PlanPoint } from '../../src/plan/privacy-spent';

/** A noise schedule as charts and tables show it, and the bound that it is to meet. */
export interface Schedule {
  readonly points: readonly PlanPoint[];
  readonly target: { readonly epsilon: number; readonly delta: number };
}
