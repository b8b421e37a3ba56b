import { env, l10n } from 'vscode';
import { describe, UserError } from '../error';
import { Language } from '../language';

let language: Language | undefined;

/** Sentences that the engine, the accounting or a request's check made in English, in VS Code's language. */
export function told(english: string): string {
  language ??= new Language(env.language, l10n.bundle);
  return language.told(english);
}

/** Whatever was thrown, as one line: where and what is wrong, and what to do about it. */
export function toldError(error: unknown): string {
  if (error instanceof UserError) return describe(error, told);
  return told(error instanceof Error ? error.message : String(error));
}
