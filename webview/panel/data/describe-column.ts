import type { ColumnSummary } from '../../../src/protocol/data-report';
import { t } from '../../l10n';
import { count } from '../../numbers';

/** What a column holds, in one line. */
export function detailOf({ samples, statistics }: ColumnSummary): string {
  const shown = samples.filter((sample) => sample !== '').map((sample) => (sample.length > 24 ? `${sample.slice(0, 23)}…` : sample)).join(', ');
  if (statistics === undefined) return shown;
  const { empty, distinct, values } = statistics;
  return [
    shown,
    values === undefined ? t('about {0} different', count(distinct)) : t('{0} different', count(distinct)),
    empty === 0 ? '' : t('{0} empty', count(empty)),
  ].filter((part) => part !== '').join(' · ');
}
