import { describe } from '../../src/error';
import type { RunMessage, RunSummary } from '../../src/protocol/panel-messages';
import type { ErrorData, Metrics, Progress, RunMetrics } from '../../src/protocol/engine-protocol';
import { accuracyChart, accuracyTable, tellsAccuracy } from '../chart/accuracy-chart';
import { lossChart, lossTable } from '../chart/loss-chart';
import { privacyChart, privacyTable, tellsPrivacy } from '../chart/privacy-chart';
import { button } from '../controls';
import { definitions, element, table } from '../dom';
import { t, told } from '../l10n';
import { duration, format, percent } from '../numbers';
import { chartFrame, wide } from '../wide';
import { section } from './section';
import type { PanelActions, PanelState, Section } from './state';

const phases: Readonly<Record<Progress['phase'], string>> = {
  loading: t('Opening model and data'),
  'measuring-original': t('Measuring the original'),
  noisy: t('Unlearning'),
  recovery: t('Recovering'),
  'measuring-released': t('Measuring the result'),
  writing: t('Writing'),
};

export function runSection(actions: PanelActions): Section {
  const start = button(t('Run Unlearning'), () => actions.send({ type: 'run' }));
  const cancel = button(t('Cancel'), () => actions.send({ type: 'cancel' }), { secondary: true });
  const log = button(t('Show Log'), () => actions.send({ type: 'show', what: 'log' }), { secondary: true });
  const why = element('p', { class: 'muted' });
  const bar = element('progress', { 'aria-label': t('Progress of the run') });
  const line = element('p', { class: 'progress-line', role: 'status' });
  const outcome = element('div', { class: 'outcome', 'aria-live': 'polite' });
  const chart = element('div', { class: 'live' });
  const rows = element('div');
  const tables = element('details', { hidden: true }, element('summary', {}, t('As a table')), rows);
  const progress = element('div', { class: 'progress', hidden: true }, bar, line, chart, tables);
  let shown: RunMessage | undefined;
  return section(t('Run'), {
    element: element('div', {}, element('div', { class: 'row buttons' }, start, cancel, log), why, progress, outcome),
    update: (state) => {
      const reason = cannotRun(state);
      const running = state.run.status === 'running' || state.run.status === 'queued';
      start.disabled = reason !== undefined || running;
      cancel.hidden = !running;
      why.textContent = running ? '' : (reason ?? '');
      progress.hidden = !running;
      if (state.run.status === 'running') {
        showProgress(state.run.progress, bar, line);
        if (state.run !== shown) {
          const { losses } = state.run;
          const series = [{ name: t('this run'), losses }];
          const spends = tellsPrivacy(losses);
          const recovers = tellsAccuracy(losses);
          tables.hidden = losses.length < 2;
          chart.replaceChildren(...(losses.length < 2 ? [] : [chartFrame(lossChart(series))]), ...(spends ? [chartFrame(privacyChart(losses, state.plan?.target.epsilon ?? 0))] : []), ...(recovers ? [chartFrame(accuracyChart(losses))] : []));
          rows.replaceChildren(...(tables.open ? [lossTable(series), ...(spends ? [privacyTable(losses)] : []), ...(recovers ? [accuracyTable(losses)] : [])] : []));
        }
      }
      if (state.run.status === 'queued') showWaiting(bar, line, t('Waiting for another run to end …'));
      if (state.run !== shown) outcome.replaceChildren(...outcomeOf(state.run, actions));
      shown = state.run;
    },
  });
}

function cannotRun({ trusted, document, plan, planProblem }: PanelState): string | undefined {
  if (!trusted) return t('This workspace is in Restricted Mode: nothing is run until it is trusted.');
  const problem = document?.problems[0];
  if (problem !== undefined) return t('The request has problems: {0}.', [problem.field, told(problem.message)].filter((part) => part !== '').join(' '));
  return plan === undefined ? planProblem : undefined;
}

function showProgress(progress: Progress | undefined, bar: HTMLProgressElement, line: HTMLElement): void {
  if (progress === undefined) {
    showWaiting(bar, line, t('Starting the engine …'));
    return;
  }
  const { phase, step, steps, loss, accuracy, epsilon, secondsLeft } = progress;
  if (steps > 1) {
    bar.max = steps;
    bar.value = step;
  } else {
    bar.removeAttribute('value');
  }
  line.textContent = [
    steps > 1 ? t('{0}: step {1} of {2}', phases[phase], format(step, 8), format(steps, 8)) : phases[phase],
    loss === undefined ? undefined : t('loss {0}', format(loss)),
    accuracy === undefined ? undefined : t('{0} right', percent(accuracy)),
    epsilon === undefined ? undefined : t('ε so far {0}', format(epsilon)),
    secondsLeft === undefined ? undefined : t('{0} left', duration(secondsLeft)),
  ].filter((part) => part !== undefined).join(' · ');
}

function showWaiting(bar: HTMLProgressElement, line: HTMLElement, text: string): void {
  bar.removeAttribute('value');
  line.textContent = text;
}

function outcomeOf(run: RunMessage, actions: PanelActions): readonly Node[] {
  switch (run.status) {
    case 'none':
    case 'queued':
    case 'running':
      return [];
    case 'cancelled':
      return [element('p', {}, t('Cancelled. Nothing was changed.'))];
    case 'lost':
      return [element('p', {}, t('The window was closed during the run. Nothing was changed.'))];
    case 'failed':
      return [failure(run.error)];
    case 'succeeded':
      return success(run.summary, actions);
  }
}

function failure(error: ErrorData): HTMLElement {
  return element('p', { class: 'problem', role: 'alert' }, describe(error, told));
}

function success(summary: RunSummary, actions: PanelActions): readonly Node[] {
  const { epsilon, delta, engine, seconds, metrics, model, certificate } = summary;
  return [
    element('p', { class: 'done' }, t('Done: the model has forgotten, with ε = {0} at δ = {1}.', format(epsilon), format(delta))),
    definitions([
      [t('Model'), model],
      [t('Certificate'), certificate],
      [t('Engine'), `${engine}, ${duration(seconds)}`],
    ]),
    ...(metrics === undefined ? [] : [metricsTable(metrics)]),
    element('p', { class: 'muted' }, t('What was measured on the original model and on forgotten records is private: it is not on the certificate.')),
    element('div', { class: 'row buttons' },
      button(t('Show Certificate'), () => actions.send({ type: 'show', what: 'certificate' })),
      button(t('Show Private Report'), () => actions.send({ type: 'show', what: 'report' }), { secondary: true }),
      button(t('Reveal Model'), () => actions.send({ type: 'show', what: 'model' }), { secondary: true })),
  ];
}

function metricsTable({ before, afterNoise, afterRecovery }: RunMetrics): HTMLElement {
  const sets = [[t('retained'), 'retain'], [t('forgotten'), 'forget'], [t('evaluation'), 'evaluation']] as const;
  const rows = sets.filter(([, key]) => before[key] !== undefined).map(([name, key]) => [name, ...[before, afterNoise, afterRecovery].map((moment) => measured(moment[key]))]);
  return wide(t('Accuracy and loss'), table(t('Accuracy and loss'), [t('Records'), t('Original'), t('After the noise'), t('After recovery')], rows));
}

function measured(metrics: Metrics | undefined): string {
  if (metrics === undefined) return '';
  return metrics.accuracy === undefined ? t('loss {0}', format(metrics.loss)) : t('{0} (loss {1})', percent(metrics.accuracy), format(metrics.loss));
}
