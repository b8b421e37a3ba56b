import { t } from '../../l10n';
import { numberCodec } from '../codec';
import { Field } from '../field';
import { chooser, folded, type Option } from '../native';
import { row } from '../section';
import type { PanelActions, Section } from '../state';
import { GroupsPart } from './groups-part';
import { file, report } from './source-part';

/** What becomes of records that equal or resemble a forgotten one. */
export function duplicatesPart(actions: PanelActions): readonly Section[] {
  const near = (name: string): readonly string[] => ['nearDuplicates', name];
  const policies: readonly Option[] = [['refuse', t('refuse to run')], ['forget', t('forget them too')], ['keep', t('keep them (stated on the certificate)')]];
  return [
    row(new Field({ label: t('Exact copies left in the rest'), path: ['duplicates'], help: t('What to do with retained records that are equal to a forgotten one.'), narrow: true, options: policies }, actions)),
    folded(t('Near duplicates, and decisions one by one'),
      () => [row(
        chooser({ label: t('Near duplicates'), path: near('policy'), help: t('What to do with kept records that resemble a forgotten one in one of these ways.'), narrow: true, offered: () => [['', t('do not look for them')], ...policies] }, actions),
        new Field({ label: t('Tolerance'), path: near('tolerance'), help: t('No scaled feature differs by more.'), codec: numberCodec, narrow: true }, actions),
        new Field({ label: t('Bits of images'), path: near('imageBits'), help: t('Perceptual hashes differ in at most so many of 64 bits.'), codec: numberCodec, narrow: true }, actions),
        chooser({ label: t('Same words in'), path: near('text'), help: t('Whatever their case and punctuation.'), narrow: true, offered: (state) => [['', t('no column')], ...(report(state)?.table?.columns ?? []).map(({ name }): Option => [name, name])] }, actions)),
      new GroupsPart(actions),
      row(file([], 'decisions', t('Decisions'), t('A JSON file that "certified-unlearning preview REQUEST --decisions FILE" writes: one decision for each group.'), actions))]),
  ];
}
