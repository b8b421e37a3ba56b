import { PrivacyError } from './privacy-error';

/** Every radius, rate and noise level is 0 or within these; beyond them squares would leave the doubles. */
export const LARGEST = 1e60;
export const SMALLEST = 1e-60;

/** More steps than any run makes; a bound on the work that a hostile schedule can ask for. */
export const MOST_STEPS = 10_000_000;

/** Throws `out-of-range` unless the value is 0 or in [1e-60, 1e60]. */
export function checkMagnitude(value: unknown, field: string): asserts value is number {
  if (typeof value !== 'number') throw new PrivacyError('malformed', `${field} must be a number`, { field, remedy: 'Write a number, without quotes.' });
  if (!(value === 0 || (value >= SMALLEST && value <= LARGEST))) {
    throw new PrivacyError('out-of-range', `${field} must be 0 or between ${SMALLEST} and ${LARGEST}, not ${value}`, { field, remedy: 'Write a number within these bounds.' });
  }
}

/** Throws `out-of-range` unless |γλ| ≤ 1e6; `malformed` where a value is no number. */
export function checkDecay(learningRate: number, decay: unknown, field: string): asserts decay is number {
  if (typeof decay !== 'number') throw new PrivacyError('malformed', `${field} must be a number`, { field, remedy: 'Write a number, without quotes.' });
  if (!(Math.abs(decay) <= LARGEST && Math.abs(learningRate * decay) <= 1e6)) {
    throw new PrivacyError('out-of-range', `${field} times the learning rate must be between -1e6 and 1e6, not ${learningRate * decay}`, { field, remedy: 'Lower the decay or the learning rate.' });
  }
}

/** Throws `out-of-range` unless the value is a whole number in [from, to]. */
export function checkCount(value: unknown, field: string, from = 1, to = MOST_STEPS): asserts value is number {
  if (typeof value !== 'number') throw new PrivacyError('malformed', `${field} must be a number`, { field, remedy: 'Write a number, without quotes.' });
  if (!(Number.isInteger(value) && value >= from && value <= to)) {
    throw new PrivacyError('out-of-range', `${field} must be a whole number from ${from} to ${to}, not ${value}`, { field, remedy: 'Write a whole number within these bounds.' });
  }
}

/** Throws `out-of-range` unless ε ≥ 0 is finite and 0 < δ < 1. */
export function checkTarget(target: { readonly epsilon: number; readonly delta: number }): void {
  if (!(target.epsilon >= 0 && target.epsilon < Infinity)) throw new PrivacyError('out-of-range', `epsilon must be a finite number of at least 0, not ${target.epsilon}`, { field: 'epsilon', remedy: 'Write a number, such as 1; for ε = 0 choose retrain or gaussian-restart.' });
  if (!(target.delta > 0 && target.delta < 1)) throw new PrivacyError('out-of-range', `delta must be greater than 0 and less than 1, not ${target.delta}`, { field: 'delta', remedy: 'Write a small probability, such as 1e-5.' });
}

/** f: how far apart two runs of the same procedure start, in initial radii. Throws `unknown-reference`. */
export function gapOf(reference: string): 1 | 2 {
  if (reference === 'retrained') return 2;
  if (reference === 'centre') return 1;
  throw new PrivacyError('unknown-reference', `the reference must be "retrained" or "centre", not ${JSON.stringify(reference)}`, { field: 'reference', remedy: 'Write one of the two, in quotes.' });
}

/** Runs `check` on every entry; what it throws is reported at `field[index].…`. Paths are only written when something is wrong: schedules are long. */
export function checkEach<Entry>(entries: readonly Entry[], field: string, check: (entry: Entry) => void): void {
  let index = 0;
  try {
    for (const entry of entries) {
      check(entry);
      index += 1;
    }
  } catch (error) {
    throw inside(error, `${field}[${index}]`);
  }
}

/** What is thrown about a part of something, as an error about the whole. */
export function inside(error: unknown, field: string): unknown {
  return error instanceof PrivacyError ? new PrivacyError(error.code, error.message, { field: error.field === undefined ? field : `${field}.${error.field}`, remedy: error.remedy }) : error;
}
