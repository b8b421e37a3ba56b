import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { UserError } from '../error';
import { accountFromJson } from '../privacy/account-json';
import { PrivacyError } from '../privacy/privacy-error';
import { parse, type Command } from './command';

export const accountCommand: Command = {
  name: 'account',
  usage: 'account FILE|-',
  summary: 'μ, ε and δ of any mechanism, from its JSON description',
  about: 'Reads a mechanism as JSON from a file or from standard input (-) and accounts for it exactly. See docs/privacy.md for the schema.',
  async run(argv, terminal) {
    const { operands } = parse(argv, {}, ['FILE']);
    const file = operands.FILE;
    const text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8').catch((error: unknown) => {
      throw new UserError('file-missing', `cannot be read (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Check the path, or give - to read from standard input.' });
    });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new UserError('not-json', `not valid JSON (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Write the mechanism as JSON; docs/privacy.md shows one.' });
    }
    try {
      terminal.json(accountFromJson(value));
    } catch (error) {
      throw error instanceof PrivacyError ? new UserError(error.code, error.message, { file, field: error.field, remedy: error.remedy }) : error;
    }
    return 0;
  },
};
