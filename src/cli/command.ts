import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../error';
import type { Terminal } from './terminal';

export interface Command {
  readonly name: string;
  readonly usage: string;
  /** Half a line, for the list of commands. */
  readonly summary: string;
  /** For `--help`. */
  readonly about: string;
  /** Whether it reads data in its own process, given these arguments. */
  readonly readsData?: (argv: readonly string[]) => boolean;
  /** Resolves to the exit code. Throws `UserError`. */
  run(argv: readonly string[], terminal: Terminal): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Parses a command's options and exactly the named operands; `--json` is always there. */
export function parse<T extends Options, const N extends string>(argv: readonly string[], options: T, operands: readonly N[]): {
  values: ReturnType<typeof parseArgs<{ options: T & { json: { type: 'boolean' } }; allowPositionals: true }>>['values'];
  operands: Record<N, string>;
} {
  const parsed = (() => {
    try {
      return parseArgs({ args: [...argv], options: { ...options, json: { type: 'boolean' } } as const, allowPositionals: true, strict: true });
    } catch (error) {
      throw new UserError('bad-arguments', error instanceof Error ? error.message : String(error), { remedy: 'Add --help to see what the command takes.' });
    }
  })();
  const given = parsed.positionals;
  const missing = operands[given.length];
  if (missing !== undefined) {
    throw new UserError('bad-arguments', `${missing} is missing`, { remedy: 'Add --help to see what the command takes.' });
  }
  const extra = given[operands.length];
  if (extra !== undefined) {
    throw new UserError('bad-arguments', `unexpected argument "${extra}"`, { remedy: 'Add --help to see what the command takes; put names with spaces in quotes.' });
  }
  return { values: parsed.values, operands: Object.fromEntries(operands.map((name, index) => [name, given[index]])) as Record<N, string> };
}
