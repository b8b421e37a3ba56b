import { env, l10n } from 'vscode';
import { describe, UserError } from '../error';
import { Language } from '../language';

let spoken: Language | undefined;

/** VS Code's, where there is a translation into it; else English. */
export function language(): Language {
  spoken ??= l10n.bundle === undefined ? new Language('en') : new Language(env.language, l10n.bundle);
  return spoken;
}

/** Sentences that the engine, the accounting or a request's check made in English, in VS Code's language. */
export function told(english: string): string {
  return language().told(english);
}

/** Whatever was thrown, as one line: where and what is wrong, and what to do about it. */
export function toldError(error: unknown): string {
  if (error instanceof UserError) return describe(error, told);
  return told(error instanceof Error ? error.message : String(error));
}
