import { t } from '../../l10n';
import { at } from '../state';
import { kindOf } from './formats';

/** What a source says of its records, wherever they are. */
export const meanings = { label: t('label'), features: t('features'), labelKind: t('kind of labels'), classes: t('classes'), scale: t('scaling'), standardize: t('standardizing'), shape: t('shape'), channels: t('channels') } as const;
export type Meaning = keyof typeof meanings;

/** What another source says otherwise than the training data, where it could say the same. */
export function differences(training: unknown, other: unknown): readonly Meaning[] {
  const kind = kindOf(at(training, ['format']));
  if (kind === undefined || kind !== kindOf(at(other, ['format']))) return [];
  // The features of arrays are a file, and the label of images a column of their own table.
  const compared = (Object.keys(meanings) as Meaning[]).filter((key) => kind === 'table' || (key !== 'features' && key !== 'label'));
  // Whatever standardizes the training data is used for other records as well.
  return compared.filter((key) => (key === 'standardize' ? at(other, [key]) === true && at(training, [key]) !== true : JSON.stringify(at(training, [key])) !== JSON.stringify(at(other, [key]))));
}
