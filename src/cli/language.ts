import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error';
import { Language } from '../language';

/** Translations lie beside the program, where VS Code looks for them too. */
const folder = join(__dirname, '..', 'l10n');

/**
 * The language of what is written for people, `--language TAG`; English where none is asked for.
 * @throws UserError `language-unknown`
 */
export async function languageOf(tag = 'en'): Promise<Language> {
  if (tag === 'en') return new Language('en');
  const there = (await readdir(folder)).flatMap((file) => /^bundle\.l10n\.(\w+)\.json$/.exec(file)?.[1] ?? []);
  if (!there.includes(tag)) throw new UserError('language-unknown', `there is no translation into "${tag}"`, { remedy: `Choose one of: ${['en', ...there].join(', ')}.` });
  return new Language(tag, JSON.parse(await readFile(join(folder, `bundle.l10n.${tag}.json`), 'utf8')) as Readonly<Record<string, string>>);
}
