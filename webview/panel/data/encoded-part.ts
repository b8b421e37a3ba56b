import type { FieldPath, InspectedSource } from '../../../src/protocol/panel-messages';
import { element } from '../../dom';
import { t } from '../../l10n';
import { type Codec, listCodec, numberCodec } from '../codec';
import { Field } from '../field';
import { chooser, type Option, shownWhen } from '../native';
import { row } from '../section';
import { at, type PanelActions, type PanelState, type Section } from '../state';
import { columnOf, encodingOf, type Feature } from './features';
import { file, of } from './source-part';

/** The values of a column, or how many there are if they are the integers from 0 on. */
const valuesCodec: Codec = {
  show: (value) => (typeof value === 'number' ? String(value) : listCodec({ integers: true }).show(value)),
  read: (text) => {
    const values = listCodec({ integers: true }).read(text);
    return Array.isArray(values) && values.length === 1 && typeof values[0] === 'number' ? values[0] : values;
  },
};

/** A yes, a no, or what the file says. */
const yesNoCodec: Codec = {
  show: (value) => (value === true ? 'yes' : value === false ? 'no' : ''),
  read: (text) => (text === '' ? undefined : text === 'yes'),
};

/** What belongs to the columns that are not used as numbers: their values, buckets, vocabularies. */
export class EncodedPart implements Section {
  readonly element = element('div', { class: 'encoded' });
  readonly #path: FieldPath;
  readonly #actions: PanelActions;
  readonly #shown: (state: PanelState) => boolean;
  #cards: readonly Section[] = [];
  #built = '';

  constructor(which: InspectedSource, actions: PanelActions) {
    this.#path = ['data', which, 'features'];
    this.#shown = of(['data', which], 'table');
    this.#actions = actions;
  }

  update(state: PanelState): void {
    const written = at(state.document?.value, this.#path);
    const features = this.#shown(state) && Array.isArray(written) ? (written as readonly unknown[]).map(encodedOf) : [];
    const built = JSON.stringify(features.map((feature) => feature && [columnOf(feature), encodingOf(feature)]));
    if (built !== this.#built) {
      this.#built = built;
      this.#cards = features.flatMap((feature, index) => (feature === undefined ? [] : [this.#card(feature, index)]));
      this.element.replaceChildren(...this.#cards.map((card) => card.element));
    }
    for (const card of this.#cards) card.update(state);
  }

  #card(feature: Feature, index: number): Section {
    const fields = row(...this.#fields(feature, [...this.#path, index]));
    return { element: element('fieldset', {}, element('legend', {}, columnOf(feature)), fields.element), update: (state) => fields.update(state) };
  }

  #fields(feature: Feature, own: FieldPath): readonly Section[] {
    const actions = this.#actions;
    const as = (...options: readonly Option[]): Section => chooser({ label: t('Counted as'), path: [...own, 'as'], help: t('What stands in each feature.'), narrow: true, offered: () => options }, actions);
    const [counts, binary, tokens]: readonly Option[] = [['counts', t('how often')], ['binary', t('whether at all')], ['tokens', t('numbers of the first ones')]];
    const asFile: Option = ['', t('as its file says')];
    const end = (key: 'padding' | 'cut', label: string, help: string): Section => chooser({ label, path: [...own, key], help, narrow: true, offered: () => [asFile, ['start', t('at the start')], ['end', t('at the end')]] }, actions);
    const special = (): Section => chooser({ label: t('Special tokens'), path: [...own, 'specialTokens'], help: t('Such as [CLS], which the file puts around a text.'), narrow: true, codec: yesNoCodec, offered: () => [['', t('for tokens only')], ['yes', t('always')], ['no', t('never')]] }, actions);
    const length = shownWhen((state) => at(state.document?.value, [...own, 'as']) === 'tokens', () => [row(
      new Field({ label: t('How many'), path: [...own, 'length'], help: t('The length of a text for the model.'), codec: numberCodec, narrow: true }, actions),
      end('padding', t('Fill up'), t('Texts that are too short.')),
      end('cut', t('Cut off'), t('Texts that are too long.')))]);
    const given = (options: readonly (Option | undefined)[]): Section => as(...options.filter((option) => option !== undefined));
    switch (encodingOf(feature)) {
      case 'number': return [];
      case 'one-hot': return [new Field({ label: t('Values'), path: [...own, 'oneHot'], help: t('One feature each, in this order; a number n stands for 0 to n − 1.'), codec: valuesCodec }, actions)];
      case 'words': return [new Field({ label: t('Buckets'), path: [...own, 'buckets'], help: t('Words are spread over them by a fixed hash.'), codec: numberCodec, narrow: true }, actions), given([counts, binary])];
      case 'vocabulary': return [file(own, 'vocabulary', t('Vocabulary'), t('One word a line, or a JSON array: a public one, since one made from the texts is learned from them.'), actions), given([counts, binary, tokens]), length];
      case 'tokenizer': return [file(own, 'tokenizer', t('Tokenizer'), t('A tokenizer.json of Hugging Face, or what Keras writes.'), actions), given([tokens, counts, binary]), special(), length];
    }
  }
}

/** A feature that is more than a name. */
function encodedOf(value: unknown): Feature | undefined {
  return typeof value === 'object' && value !== null && 'column' in value && typeof value.column === 'string' ? { ...value, column: value.column } : undefined;
}
