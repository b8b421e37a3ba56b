import type { Metrics, Progress, RunMetrics } from '../../src/protocol/engine-protocol';
import type { RunReport } from '../../src/protocol/report-messages';
import { block } from '../block';
import { barChart } from '../chart/bars';
import { accuracyChart, accuracyTable, tellsAccuracy } from '../chart/accuracy-chart';
import { lossChart, lossTable } from '../chart/loss-chart';
import { momentsChart } from '../chart/moments-chart';
import { flattened } from '../comparison/groups';
import { definitions, element, table } from '../dom';
import { t } from '../l10n';
import { count, duration, format, percent } from '../numbers';
import { chartFrame, wide } from '../wide';
import { factsOf, ranges } from './facts';

/** What a run did to the model, what it took, and with which parameters. */
export function reportSections(report: RunReport): readonly HTMLElement[] {
  const { metrics, course, records, request } = report;
  return [
    block(t('Result'), ...(metrics === undefined ? [element('p', {}, t('The model could not be run here, so nothing was measured on it.'))] : measured(metrics))),
    ...(course === undefined || course.losses.length === 0 ? [] : [block(t('Loss'),
      element('figure', {}, chartFrame(lossChart([{ name: report.requestFile, losses: course.losses }]))),
      element('details', {}, element('summary', {}, t('As a table')), lossTable([{ name: report.requestFile, losses: course.losses }])))]),
    ...(course === undefined || !tellsAccuracy(course.losses) ? [] : [block(t('Accuracy during the recovery'),
      element('figure', {}, chartFrame(accuracyChart(course.losses))),
      element('details', {}, element('summary', {}, t('As a table')), accuracyTable(course.losses)))]),
    block(t('The run'), definitions(factsOf(report)), ...(course === undefined || course.phases.length === 0 ? [] : times(course.phases))),
    block(t('Forgotten records'),
      element('p', {}, records.forgotten.length === 0 ? t('None.') : ranges(records.forgotten)),
      element('p', { class: 'muted' }, t('Numbers of the records in the training data, from 0.'))),
    block(t('Parameters'), wide(t('Parameters'),
      table(t('The request as it was run, with everything that it left out filled in'), [t('Field'), t('Value')], [...flattened(request)]))),
  ];
}

function measured({ before, afterNoise, afterRecovery }: RunMetrics): readonly HTMLElement[] {
  const sets = [[t('retained'), 'retain'], [t('forgotten'), 'forget'], [t('evaluation'), 'evaluation']] as const;
  const moments = [before, afterNoise, afterRecovery];
  const columns = [t('Original'), t('After the noise'), t('After recovery')];
  const present = sets.filter(([, set]) => before[set] !== undefined);
  const withAccuracy = present.flatMap(([label, set]) => {
    const shares = moments.flatMap((moment) => moment[set]?.accuracy ?? []);
    return shares.length === moments.length ? [{ label, name: set, shares }] : [];
  });
  return [
    ...(withAccuracy.length === 0 ? [] : [momentsFigure(columns, withAccuracy)]),
    wide(t('Accuracy and loss'), table(t('Accuracy and loss'), [t('Records'), t('Number'), ...columns], present.map(([label, set]) => [label, count(before[set]?.count ?? 0), ...moments.map((moment) => shown(moment[set]))]))),
  ];
}

function momentsFigure(columns: readonly string[], series: Parameters<typeof momentsChart>[2]): HTMLElement {
  return element('figure', {}, chartFrame(momentsChart(t('Accuracy'), columns, series)));
}

function shown(metrics: Metrics | undefined): string {
  if (metrics === undefined) return '';
  return metrics.accuracy === undefined ? t('loss {0}', format(metrics.loss)) : t('{0} (loss {1})', percent(metrics.accuracy), format(metrics.loss));
}

function times(phases: NonNullable<RunReport['course']>['phases']): readonly HTMLElement[] {
  const names = phaseNames();
  return [
    element('figure', {}, chartFrame(barChart(phases.map(({ phase, seconds }) => ({ label: names[phase], value: seconds, name: phase === 'noisy' ? 'noise' : 'signal' })), t('Seconds by phase')))),
    element('details', {}, element('summary', {}, t('As a table')), wide(t('Time by phase'), table(t('Time by phase'), [t('Phase'), t('Time')], phases.map(({ phase, seconds }) => [names[phase], seconds < 10 ? t('{0} s', format(seconds, 2)) : duration(seconds)])))),
  ];
}

function phaseNames(): Readonly<Record<Progress['phase'], string>> {
  return {
    loading: t('Opening model and data'),
    'measuring-original': t('Measuring the original'),
    noisy: t('Unlearning'),
    recovery: t('Recovering'),
    'measuring-released': t('Measuring the result'),
    writing: t('Writing'),
  };
}
