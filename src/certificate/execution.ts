import { UserError } from '../error';
import type { Mechanism } from '../privacy/mechanism';

/** What a certificate must know of a run. The engine's own record has this shape. */
export interface ExecutedRun {
  /** The mechanism as it was really carried out: radii with the margins that vectors were scaled to, noise as it was really added. */
  readonly mechanism: Mechanism;
  /** The tensors that the mechanism was applied to. */
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

/** How an executed number may differ from the planned one. */
interface Rule {
  readonly holds: (executed: number, planned: number) => boolean;
  readonly violated: (executed: number, planned: number) => string;
}

const noise: Rule = { holds: (executed, planned) => executed >= planned, violated: (executed, planned) => `The noise was ${executed}, which is less than ${planned}.` };

/** Whatever is not listed must be the same. */
const rules: Readonly<Record<string, Rule>> = {
  initialRadius: atMost('The parameters were clipped to'),
  modelRadius: atMost('The parameters were clipped to'),
  gradientRadius: atMost('Gradients were clipped to'),
  inputRadius: atMost('The inputs of the layer were bounded by'),
  sigma: noise,
  initialSigma: noise,
  learningRate: same('learning rate'),
  decay: same('decay'),
};

/**
 * Checks that a run was at least as private as its mechanism: the same steps in the same order, radii not larger, noise not smaller.
 * Step sizes and decay must be the same up to rounding to float32, since the accounting is not monotone in them.
 * @throws UserError `execution-differs` naming the first difference.
 */
export function requireExecution(run: ExecutedRun, mechanism: Mechanism): void {
  if (!run.freshNoise) throw differs('The noise was not fresh at every step.', 'freshNoise');
  if (run.momentum !== 'none') throw differs(`The noisy steps had a memory (${run.momentum}).`, 'momentum');
  compare(run.mechanism, mechanism, '');
}

function compare(executed: unknown, planned: unknown, field: string): void {
  const name = field.slice(field.lastIndexOf('.') + 1);
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule !== undefined && typeof planned === 'number') {
    const value = typeof executed === 'number' ? executed : Number.NaN;
    if (!rule.holds(value, planned)) throw differs(rule.violated(value, planned), field);
  } else if (name === 'steps' && Array.isArray(planned)) {
    compareSteps(Array.isArray(executed) ? executed as Steps : [], planned as Steps, field);
  } else if (typeof planned === 'object' && planned !== null) {
    if (Array.isArray(planned) && (!Array.isArray(executed) || executed.length !== planned.length)) throw differs(`The run has another number of ${field}.`, field);
    const extra = Object.entries(executed ?? {}).find(([key, part]) => !(key in planned) && part !== undefined && key !== 'gradientRadius');
    if (extra !== undefined) throw differs(`Nothing was planned for ${extra[0]}.`, field === '' ? extra[0] : `${field}.${extra[0]}`);
    for (const [key, part] of Object.entries(planned)) {
      compare((executed as Readonly<Record<string, unknown>> | undefined)?.[key], part, Array.isArray(planned) ? `${field}[${key}]` : field === '' ? key : `${field}.${key}`);
    }
  } else if (executed !== planned) {
    throw differs(`It was ${String(executed)} instead of ${String(planned)}.`, field);
  }
}

type Steps = readonly { readonly count?: number }[];

function compareSteps(executedSteps: Steps, plannedSteps: Steps, field: string): void {
  const planned = repeated(plannedSteps);
  const executed = repeated(executedSteps);
  let done = 0;
  for (;;) {
    const plannedStep = planned.current();
    const executedStep = executed.current();
    if (plannedStep === undefined || executedStep === undefined) {
      if (plannedStep !== executedStep) throw differs(plannedStep === undefined ? `The schedule ends after step ${done}, and the run does not.` : `The schedule goes on after step ${done}, and the run does not.`, field);
      return;
    }
    compare({ ...executedStep, count: undefined }, { ...plannedStep, count: undefined }, `${field}[${done}]`);
    const together = Math.min(planned.left(), executed.left());
    planned.advance(together);
    executed.advance(together);
    done += together;
  }
}

function atMost(what: string): Rule {
  return { holds: (executed, planned) => executed <= planned, violated: (executed, planned) => `${what} ${executed}, which is more than ${planned}.` };
}

function same(what: string): Rule {
  return { holds: (executed, planned) => Math.abs(executed - planned) <= FLOAT32_ROUNDING * Math.abs(planned), violated: (executed, planned) => `The ${what} was ${executed} instead of ${planned}.` };
}

function differs(message: string, field: string): UserError {
  return new UserError('execution-differs', `The run was not the one that was planned, so it cannot be certified. ${message}`, { field, remedy: 'Nothing was released. Run again on the other engine, and report it if it happens there too.' });
}

/** Walks through a run-length encoded list without expanding it. */
function repeated<Step extends { readonly count?: number }>(steps: readonly Step[]): { current(): Step | undefined; left(): number; advance(by: number): void } {
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
