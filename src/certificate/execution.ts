import { UserError } from '../error';
import type { GradientClipping } from '../privacy/mechanism';

/** Equal noisy steps in a row, as they were applied, with the numbers that the arithmetic really used. */
export interface ExecutedSteps {
  readonly count: number;
  readonly learningRate: number;
  readonly decay: number;
  /** The radius that gradients were really scaled to, margins included. */
  readonly gradientRadius: number;
  /** Standard deviation of the noise really added. */
  readonly sigma: number;
}

/** What a certificate must know of a run. The engine's own record has this shape. */
export interface ExecutedRun {
  /** The radius that the trained parameters were really scaled to, margins included. */
  readonly initialRadius: number;
  readonly steps: readonly ExecutedSteps[];
  /** The tensors that were clipped and noised. */
  readonly trainable: readonly string[];
  readonly batchSize: number;
  /** Whether every step drew new noise from a cryptographic source under a key that was never stored. */
  readonly freshNoise: boolean;
  /** The memory of the update besides the parameters; only `none` is certified. */
  readonly momentum: string;
  readonly engine: { readonly name: string; readonly versions: Readonly<Record<string, string>> };
}

/** float32 keeps 24 bits: a step size handed to the engine is off by at most this, relatively. */
const FLOAT32_ROUNDING = 2 ** -24;

/**
 * Checks that a run was at least as private as its schedule: the same steps in the same order, radii not larger, noise not smaller.
 * Step sizes and decay must be the same up to rounding to float32, since the accounting is not monotone in them.
 * @throws UserError `execution-differs` naming the first difference.
 */
export function requireExecution(run: ExecutedRun, mechanism: GradientClipping): void {
  if (!run.freshNoise) throw differs('The noise was not fresh at every step.', 'freshNoise');
  if (run.momentum !== 'none') throw differs(`The noisy steps had a memory (${run.momentum}).`, 'momentum');
  if (!(run.initialRadius <= mechanism.initialRadius)) throw differs(`The parameters were clipped to ${run.initialRadius}, which is more than ${mechanism.initialRadius}.`, 'initialRadius');

  const planned = repeated(mechanism.steps);
  const executed = repeated(run.steps);
  let done = 0;
  for (;;) {
    const plannedStep = planned.current();
    const executedStep = executed.current();
    if (plannedStep === undefined || executedStep === undefined) {
      if (plannedStep !== executedStep) throw differs(`The schedule ${plannedStep === undefined ? 'ends after' : 'goes on after'} step ${done}, and the run does not.`, 'steps');
      return;
    }
    const at = `steps[${done}]`;
    if (!sameInFloat32(executedStep.learningRate, plannedStep.learningRate)) throw differs(`The learning rate was ${executedStep.learningRate} instead of ${plannedStep.learningRate}.`, `${at}.learningRate`);
    if (!sameInFloat32(executedStep.decay, plannedStep.decay)) throw differs(`The decay was ${executedStep.decay} instead of ${plannedStep.decay}.`, `${at}.decay`);
    if (!(executedStep.gradientRadius <= plannedStep.gradientRadius)) throw differs(`Gradients were clipped to ${executedStep.gradientRadius}, which is more than ${plannedStep.gradientRadius}.`, `${at}.gradientRadius`);
    if (!(executedStep.sigma >= plannedStep.sigma)) throw differs(`The noise was ${executedStep.sigma}, which is less than ${plannedStep.sigma}.`, `${at}.sigma`);
    const together = Math.min(planned.left(), executed.left());
    planned.advance(together);
    executed.advance(together);
    done += together;
  }
}

function differs(message: string, field: string): UserError {
  return new UserError('execution-differs', `The run was not the one that was planned, so it cannot be certified. ${message}`, { field });
}

function sameInFloat32(a: number, b: number): boolean {
  return Math.abs(a - b) <= FLOAT32_ROUNDING * Math.abs(b);
}

/** Walks through a run-length encoded list without expanding it. */
function repeated<Step extends { readonly count?: number | undefined }>(steps: readonly Step[]): { current(): Step | undefined; left(): number; advance(by: number): void } {
  let index = 0;
  let used = 0;
  const left = (): number => (steps[index]?.count ?? 1) - used;
  const settle = (): void => {
    while (index < steps.length && left() <= 0) {
      index++;
      used = 0;
    }
  };
  settle();
  return {
    current: () => steps[index],
    left,
    advance: (by) => {
      used += by;
      settle();
    },
  };
}
