import { resolve } from 'node:path';
import type { PlanReport } from '../protocol/engine-protocol';
import { startEngine } from '../run/engine-client';
import { parse, type Command } from './command';
import type { Terminal } from './terminal';

export const planCommand: Command = {
  name: 'plan',
  usage: 'plan REQUEST',
  summary: 'what a request will do and what it costs, without doing it',
  about: 'Opens model and data, finds the records to forget, and computes the noise schedule for the target. Changes nothing.',
  async run(argv, terminal) {
    const { values, operands } = parse(argv, {}, ['REQUEST']);
    const engine = startEngine();
    try {
      const report = await engine.plan({ request: resolve(operands.REQUEST) });
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

export function printPlan({ model, data, plan, output, certificate }: PlanReport, terminal: Terminal): void {
  const { target, costs, reference, mechanism, signal } = plan;
  const step = mechanism.steps[0];
  const { policy, count } = data.duplicates;
  const copies = count === 0 ? 'no copies of them are left' : policy === 'keep' ? `${count} exact copies of them are kept` : `${count} of these are exact copies`;
  terminal.line(`model      ${model.format}, ${model.parameters.toLocaleString('en')} parameters in ${model.tensors} tensors`);
  terminal.line(`data       ${data.total.toLocaleString('en')} records: forget ${data.forget.toLocaleString('en')}, keep ${data.retain.toLocaleString('en')}; ${copies}`);
  if (data.forgottenInEvaluation !== undefined && data.forgottenInEvaluation > 0) {
    terminal.line(`           ${data.forgottenInEvaluation} forgotten records are in the evaluation data too; they are left out of it`);
  }
  terminal.line(`target     ε = ${target.epsilon}, δ = ${target.delta} against the ${reference} reference${plan.noise === 'given' ? ' (ε follows from the noise given)' : ''}`);
  terminal.line(`costs      retrained: μ = ${costs.retrained.mu.toPrecision(6)}, ε = ${costs.retrained.epsilon.toPrecision(6)}; centre: μ = ${costs.centre.mu.toPrecision(6)}, ε = ${costs.centre.epsilon.toPrecision(6)}`);
  terminal.line(`schedule   ${step?.count ?? 1} steps of batch ${plan.batchSize}, σ = ${step?.sigma.toPrecision(6) ?? '0'} each; C0 = ${mechanism.initialRadius}, C1 = ${step?.gradientRadius ?? 0}, γ = ${step?.learningRate ?? 0}, λ = ${Number((step?.decay ?? 0).toPrecision(6))}`);
  terminal.line(`noise      ${signal.noise.toPrecision(3)} a coordinate in all; at most ${signal.remaining.toPrecision(3)} is left of the trained parameters (a fresh start has scale ${signal.initialScale.toPrecision(3)})`);
  terminal.line(`effort     ${plan.epochs.noisy.toPrecision(3)} noisy epochs and ${plan.epochs.recovery} of recovery`);
  terminal.line(`result     ${output}`);
  terminal.line(`           ${certificate}`);
  for (const { text } of plan.advice) {
    terminal.line(`note       ${text}`);
  }
}
