import type { Batch, Dataset } from '../../data/dataset';
import type { Mechanism } from '../../privacy/mechanism';
import type { Session, TrainingProgram } from '../engine';
import type { NoiseSource } from '../noise/noise-source';

/** What a method has to work with. Radii and noise come from the mechanism alone. */
export interface Workplace {
  readonly session: Session;
  readonly program: TrainingProgram;
  /** The centre c of clipping and decay; undefined for the origin. */
  readonly centre: Float32Array | undefined;
  readonly dataset: Dataset;
  readonly noise: NoiseSource;
  /** The next mini-batch of retained records. */
  readonly nextBatch: () => Promise<Batch>;
  /** To be called before each step: lets a cancellation in. */
  readonly breathe: () => Promise<void>;
  /** To be called after each step with the mean loss on its batch. */
  readonly onStep: (loss: number) => void;
}

/** Runs one method. Leaves the session at the result and returns what was really done, in the numbers that were really used. */
export type Perform<M extends Mechanism> = (mechanism: M, workplace: Workplace) => Promise<M>;

/** Equal steps in a row, recorded while they are made. */
export class StepRecord<Step extends { readonly count?: number }> {
  readonly #steps: (Step & { count: number })[] = [];

  /** A step was made with these numbers. */
  add(step: Step): void {
    const last = this.#steps.at(-1);
    if (last !== undefined && same(last, step)) last.count++;
    else this.#steps.push({ ...step, count: 1 });
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }
}

function same(a: object, b: object): boolean {
  return Object.entries(b).every(([name, value]) => name === 'count' || (a as Readonly<Record<string, unknown>>)[name] === value);
}

/** Every step of a run-length encoded schedule, one by one. */
export function* eachStep<Step extends { readonly count?: number }>(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    for (let repeat = step.count ?? 1; repeat > 0; repeat--) yield step;
  }
}
