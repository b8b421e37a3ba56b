import type { ComparedRun } from '../../src/protocol/comparison-messages';
import type { Metrics } from '../../src/protocol/engine-protocol';
import { megabytes } from '../report/facts';
import { t } from '../l10n';
import { count, duration, format, percent } from '../numbers';
import { flattened, type Group, type Row, rowsOf } from './groups';

type Pair = readonly [ComparedRun, ComparedRun];

/** Two runs by the parameters of their requests, as these write them, and by what came out. */
export function compareRuns(pair: Pair): readonly Group[] {
  const read = (reader: (report: ComparedRun['report']) => string | undefined) => ({ report }: ComparedRun): string | undefined => reader(report);
  const sets = [[t('retained records'), 'retain'], [t('forgotten records'), 'forget'], [t('evaluation records'), 'evaluation']] as const;
  return [
    { title: t('Result'), rows: rowsOf(pair, [
      ...sets.map(([name, set]) => [t('Accuracy on {0}', name), read(({ metrics }) => accuracyOf(metrics?.afterRecovery[set]))] as const),
      ...sets.map(([name, set]) => [t('Loss on {0}', name), read(({ metrics }) => lossOf(metrics?.afterRecovery[set]))] as const),
      [t('Forgotten records'), read(({ records }) => count(records.forgotten.length))],
      [t('All records'), read(({ records }) => count(records.total))],
    ]) },
    { title: t('Parameters'), rows: parameters(pair) },
    { title: t('Engine and time'), rows: rowsOf(pair, [
      [t('Engine'), read(({ engine }) => (engine === undefined ? undefined : [engine.name, ...Object.entries(engine.versions).map((version) => version.join(' '))].join(', ')))],
      [t('Time'), read(({ seconds }) => duration(seconds)), true],
      [t('Memory at most'), read(({ course }) => megabytes(course?.peakMemory)), true],
    ]) },
  ].filter(({ rows }) => rows.length > 0);
}

function parameters([left, right]: Pair): readonly Row[] {
  const [a, b] = [flattened(left.report.request), flattened(right.report.request)];
  return [...new Set([...a.keys(), ...b.keys()])].sort().map((path) => ({ label: path, left: a.get(path), right: b.get(path) }));
}

function accuracyOf(metrics: Metrics | undefined): string | undefined {
  return metrics?.accuracy === undefined ? undefined : percent(metrics.accuracy);
}

function lossOf(metrics: Metrics | undefined): string | undefined {
  return metrics === undefined ? undefined : format(metrics.loss);
}
