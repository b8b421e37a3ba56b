import { resolve } from 'node:path';
import { behaviourOf } from '../privacy/assumptions';
import { stagesOf, type Stage, type StageStep } from '../privacy/stages';
import type { PlanReport } from '../protocol/engine-protocol';
import { startEngine } from '../run/engine-client';
import { parse, type Command } from './command';
import { engineFlags, engineSettings, engineUsage } from './engine-settings';
import type { Terminal } from './terminal';

export const planCommand: Command = {
  name: 'plan',
  usage: 'plan REQUEST',
  summary: 'what a request will do and what it costs, without doing it',
  about: 'Opens model and data, finds the records to forget, and computes the noise schedule for the target. Changes nothing.\n' + engineUsage,
  async run(argv, terminal) {
    const { values, operands } = parse(argv, engineFlags, ['REQUEST']);
    const engine = startEngine();
    try {
      const report = await engine.plan({ request: resolve(operands.REQUEST), engines: engineSettings(values) });
      if (values.json === true) {
        terminal.json(report);
      } else {
        printPlan(report, terminal);
      }
      return 0;
    } finally {
      engine.dispose();
    }
  },
};

export function printPlan({ model, data, plan, comparison, output, certificate }: PlanReport, terminal: Terminal): void {
  const { target, costs, reference, mechanism, signal } = plan;
  const { count, kept } = data.duplicates;
  const copies = count === 0 ? 'no copies of them are left' : [kept > 0 ? `${kept} exact copies of them are kept` : '', count > kept ? `${count - kept} exact copies are forgotten with them` : ''].filter((part) => part !== '').join(', ');
  terminal.line(`model      ${model.format}, ${model.parameters.toLocaleString('en')} parameters in ${model.tensors} tensors${othersIn(model)}`);
  terminal.line(`data       ${data.total.toLocaleString('en')} records: forget ${data.forget.toLocaleString('en')}, keep ${data.retain.toLocaleString('en')}; ${copies}`);
  if (data.forgottenInEvaluation !== undefined && data.forgottenInEvaluation > 0) {
    terminal.line(`           ${data.forgottenInEvaluation} forgotten records are in the evaluation data too; they are left out of it`);
  }
  terminal.line(`target     ε = ${target.epsilon}, δ = ${target.delta} against the ${reference} reference${plan.noise === 'given' ? ' (ε follows from the noise given)' : plan.noise === 'exact' ? ' (exact: the trained parameters are not used)' : ''}`);
  terminal.line(`method     ${mechanism.method}: ${behaviourOf(mechanism.method)}`);
  terminal.line(`costs      retrained: ${costShown(costs.retrained)}; centre: ${costShown(costs.centre)}`);
  for (const [index, line] of stagesOf(mechanism).map(stageShown).entries()) {
    terminal.line(`${index === 0 ? 'schedule' : '        '}   ${line}`);
  }
  terminal.line(`noise      ${signal.noise.toPrecision(3)} a coordinate in all; at most ${signal.remaining.toPrecision(3)} is left of the trained parameters (a usual fresh start has scale ${signal.initialScale.toPrecision(3)})`);
  terminal.line(`effort     ${plan.epochs.noisy.toPrecision(3)} noisy epochs and ${plan.epochs.recovery} of recovery`);
  terminal.line(`result     ${output}`);
  terminal.line(`           ${certificate}`);
  const known = comparison.filter(({ unavailable }) => unavailable === undefined);
  terminal.line('compare    noise a coordinate at this target (over the usual initial scale), passes before the recovery');
  for (const { method, noise = 0, noiseToInitialScale = 0, epochs = 0 } of known) {
    terminal.line(`           ${method.padEnd(26)}${noise.toPrecision(3).padEnd(11)}${`(${noiseToInitialScale.toPrecision(2)})`.padEnd(12)}${epochs.toPrecision(3)}`);
  }
  for (const { text } of plan.advice) {
    terminal.line(`note       ${text}`);
  }
}

function costShown({ mu, epsilon }: PlanReport['plan']['costs']['retrained']): string {
  return `${mu === undefined ? '' : `μ = ${mu.toPrecision(6)}, `}ε = ${epsilon.toPrecision(6)}`;
}

function stageShown({ block, initialRadius, steps }: Stage): string {
  const total = steps.reduce((sum, { count }) => sum + count, 0);
  const along = (label: string, valueOf: (step: StageStep) => number | undefined): string[] => {
    const values = steps.map((step) => valueOf(step) ?? 0).filter((value) => value > 0);
    if (values.length === 0) return [];
    const least = values.reduce((low, value) => Math.min(low, value));
    const most = values.reduce((high, value) => Math.max(high, value));
    return [`${label} = ${least === most ? shown(least) : `${shown(least)} to ${shown(most)}`}`];
  };
  return [
    `${block === undefined ? '' : `${block}: `}${total} step${total === 1 ? '' : 's'}`,
    `C0 = ${shown(initialRadius)}`,
    ...along('C1', ({ gradientRadius }) => gradientRadius),
    ...along('C2', ({ modelRadius }) => modelRadius),
    ...along('γ', ({ learningRate }) => learningRate),
    ...along('λ', ({ decay }) => decay),
    ...along('σ', ({ sigma }) => sigma),
  ].join(', ');
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** What is not trained, as the certificate will list it. */
function othersIn({ others }: PlanReport['model']): string {
  if (others === undefined) return '';
  const parts: readonly (readonly [number, string])[] = [[others.recomputed, 'computed anew from the retained records'], [others.kept, 'public and left alone'], [others.dropped, 'dropped']];
  return parts.filter(([count]) => count > 0).map(([count, what]) => `; ${count} ${what}`).join('');
}
