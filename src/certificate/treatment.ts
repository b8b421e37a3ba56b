import type { Mechanism } from '../privacy/mechanism';

/** Whether a method never uses the trained parameters, so that its ε and δ are 0. */
export function isExact({ method }: Pick<Mechanism, 'method'>): boolean {
  return method === 'retrain' || method === 'gaussian-restart';
}

/** What a method does to the tensors that it is applied to: the exact ones put something in their place. */
export function treatmentBy(mechanism: Pick<Mechanism, 'method'>): 'noised' | 'reset' {
  return isExact(mechanism) ? 'reset' : 'noised';
}
