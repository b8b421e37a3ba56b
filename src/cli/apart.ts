import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { UserError } from '../error';

/** Tells a process that it is the one apart. */
const mark = 'CERTIFIED_UNLEARNING_APART';

export function isApart(): boolean {
  return process.env[mark] !== undefined;
}

/** In the process apart: ends it when the one that waits for it has ended. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
}

/**
 * Runs this program again in a process of its own, with the same arguments, input and output. Data are read by native code too, which a
 * damaged or hostile file may bring to its end, and the process with it: then there must be someone left to say so.
 * @returns its exit code
 * @throws UserError `reader-died`.
 */
export async function runApart(program: string, argv: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, program, ...argv], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: { ...process.env, [mark]: '1' } });
  // A terminal interrupts both: the other one says what that means. What is sent to this one alone is passed on.
  const ignore = (): void => undefined;
  const passOn = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', passOn);
  try {
    const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
    });
    if (signal === 'SIGINT' || signal === 'SIGTERM') return 128 + constants.signals[signal];
    // Windows has no signals, but codes beyond a byte for what they stand for.
    if (code !== null && code < 256) return code;
    throw new UserError('reader-died', `the process that read the data ended before its work was done (${signal ?? `exit code ${code ?? 'unknown'}`}).`, { remedy: 'Nothing was changed. One of the data files may be damaged, or made to do this: write it again, or as CSV.' });
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', passOn);
  }
}
