import type { RunReport } from '../../src/protocol/report-messages';
import { spoken, t, told } from '../l10n';
import { count, duration, format } from '../numbers';

/** What a run was and what it took, as lines of text. */
export function factsOf({ requestFile, target, engine, records, seconds, course }: RunReport): readonly (readonly [label: string, value: string | undefined])[] {
  return [
    [t('Request'), requestFile],
    [t('Target'), target === undefined ? undefined : [...(target.epsilon === undefined ? [] : [`ε = ${format(target.epsilon, 6)}`]), `δ = ${format(target.delta, 6)}`].join(', ')],
    [t('Started'), course === undefined ? undefined : new Date(course.startedAt).toLocaleString(spoken())],
    [t('Time'), duration(seconds)],
    [t('Memory of the engine at most'), megabytes(course?.peakMemory)],
    [t('Engine'), engine === undefined ? undefined : [engine.name, ...Object.entries(engine.versions).map((version) => version.join(' '))].join(', ')],
    [t('Why this engine'), engine?.reason === undefined ? undefined : told(engine.reason)],
    [t('Records'), t('{0} of {1} were forgotten', count(records.forgotten.length), count(records.total))],
    [t('Exact copies found'), records.duplicates === 0 ? undefined : count(records.duplicates)],
    [t('Forgotten records left out of the evaluation'), records.forgottenInEvaluation === 0 ? undefined : count(records.forgottenInEvaluation)],
    [t('Ids without a record'), records.unmatchedIds.length === 0 ? undefined : t('{0}: {1}', count(records.unmatchedIds.length), records.unmatchedIds.slice(0, 20).join(', '))],
  ];
}

/** Bytes for reading; undefined stays so. */
export function megabytes(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : `${count(Math.round(bytes / 1e6))} MB`;
}

/** Record numbers for reading: runs of them as from–to. */
export function ranges(numbers: readonly number[], maximum = 200): string {
  const parts: string[] = [];
  let start: number | undefined;
  for (const [index, value] of numbers.entries()) {
    start ??= value;
    if (numbers[index + 1] === value + 1) continue;
    parts.push(start === value ? String(value) : `${start}–${value}`);
    start = undefined;
  }
  return parts.length <= maximum ? parts.join(', ') : `${parts.slice(0, maximum).join(', ')}, …`;
}
