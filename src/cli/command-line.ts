import { UserError, describe } from '../error';
import { PrivacyError } from '../privacy/privacy-error';
import { accountCommand } from './account';
import { runApart } from './apart';
import { checkExcludedCommand } from './check-excluded';
import type { Command } from './command';
import { enginesCommand } from './engines';
import { inspectCommand } from './inspect';
import { installTensorFlowCommand } from './install-tensorflow';
import { keyCommand } from './key';
import { planCommand } from './plan';
import { previewCommand } from './preview';
import { receiptCommand } from './receipt';
import { runCommand } from './run';
import { successorCommand, verifySuccessorCommand } from './successor';
import { Terminal } from './terminal';
import { verifyCommand } from './verify';
import { verifyReceiptCommand } from './verify-receipt';

const commands: readonly Command[] = [previewCommand, planCommand, runCommand, verifyCommand, receiptCommand, verifyReceiptCommand, checkExcludedCommand, successorCommand, verifySuccessorCommand, inspectCommand, accountCommand, enginesCommand, installTensorFlowCommand, keyCommand];

/** Exit codes: 0 done; 1 the answer is no (a certificate that does not verify, a run that failed); 2 bad input; 130 cancelled. */
export async function commandLine(argv: readonly string[], terminal = new Terminal()): Promise<number> {
  const [name, ...rest] = argv;
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const asked = name === undefined || name === '--help' || name === '-h' || name === 'help';
    terminal.error(asked ? usage() : `unknown command "${name}"\n\n${usage()}`);
    return asked && name !== undefined ? 0 : 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.line(`certified-unlearning ${command.usage}\n\n${command.about}`);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    return report(error, rest.includes('--json'), terminal);
  }
}

/** The same; what reads data does so in a process apart. @param program Path of this program. */
export async function commandLineApart(program: string, argv: readonly string[], terminal = new Terminal()): Promise<number> {
  const [name, ...rest] = argv;
  if (commands.find((candidate) => candidate.name === name)?.readsData?.(rest) !== true) return commandLine(argv, terminal);
  try {
    return await runApart(program, argv);
  } catch (error) {
    return report(error, rest.includes('--json'), terminal);
  }
}

function report(error: unknown, json: boolean, terminal: Terminal): number {
  if (error instanceof UserError || error instanceof PrivacyError) {
    const told = error instanceof UserError ? error : new UserError(error.code, error.message, { field: error.field, remedy: error.remedy });
    if (json) {
      terminal.json({ error: { code: told.code, message: told.message, file: told.file, field: told.field, remedy: told.remedy } });
    } else {
      terminal.error(`error: ${describe(told)}`);
    }
    return told.code === 'cancelled' ? 130 : ['engine-died', 'reader-died', 'engine-thread-failed', 'training-diverged', 'noise-failed'].includes(told.code) ? 1 : 2;
  }
  terminal.error(`This is a defect of certified-unlearning, not of your input:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return 1;
}

function usage(): string {
  const width = Math.max(...commands.map((command) => command.usage.length)) + 2;
  return ['Usage: certified-unlearning COMMAND', '', ...commands.map((command) => `  ${command.usage.padEnd(width)}${command.summary}`), '', 'Every command takes --json for output to machines, and --help.'].join('\n');
}
