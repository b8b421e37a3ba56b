import { spawn } from 'node:child_process';
import { UserError } from '../../error';

export interface CommandOptions {
  readonly cwd: string;
  /** Hears every line that the command prints. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program and the arguments that come before those of each call. No shell reads them. */
export interface Program {
  readonly file: string;
  readonly leading: readonly string[];
  /** What to say where there is no such program. */
  readonly missing: string;
}

/** Lines of a failed command in which its reason is looked for. */
const LAST_LINES = 50;

/** Runs a command to its end. Throws `UserError`: `program-missing`, `install-failed` with the reason that its output gives, `cancelled`. */
export async function runCommand({ file, leading, missing }: Program, args: readonly string[], { cwd, onLine, signal, env }: CommandOptions): Promise<void> {
  refuseIfAborted(signal);
  onLine(`> ${[file, ...leading, ...args].join(' ')}`);
  const group = process.platform !== 'win32';
  const child = spawn(file, [...leading, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: group, windowsHide: true });
  const lines: string[] = [];
  const hear = (stream: NodeJS.ReadableStream): void => {
    let rest = '';
    const tell = (line: string): void => {
      if (line.trim() === '') return;
      lines.push(line);
      if (lines.length > LAST_LINES) lines.shift();
      onLine(line);
    };
    stream.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split(/[\r\n]+/);
      rest = parts.pop() ?? '';
      parts.forEach(tell);
    }).on('end', () => tell(rest));
  };
  hear(child.stdout);
  hear(child.stderr);
  // Its own children have to go too: npm and installers start others.
  const stop = (): void => {
    if (child.pid === undefined) return;
    if (!group) spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true }).on('error', () => child.kill());
    else killGroup(child.pid);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? new UserError('program-missing', missing, { remedy: 'Install what is missing, open a new window, and try again.' }) : error));
      child.once('close', (exit, killed) => resolve(exit ?? killed ?? 'unknown'));
    });
    refuseIfAborted(signal);
    if (code !== 0) throw new UserError('install-failed', `"${[file, ...args].join(' ')}" ended with ${code}: ${reasonIn(lines)}`, { remedy: 'The output above it says more; without the native library TensorFlow.js computes on WebAssembly.' });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Ends all processes of a group; that they have all ended by themselves is what was wanted. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The first line that calls itself an error, else the last one. */
function reasonIn(lines: readonly string[]): string {
  return (lines.find((line) => /\berr(or|!).*:/i.test(line)) ?? lines.at(-1) ?? 'it printed nothing').trim();
}

/** Throws `UserError` `cancelled` where it was. */
export function refuseIfAborted({ aborted }: AbortSignal): void {
  if (aborted) throw new UserError('cancelled', 'cancelled; nothing was installed', { remedy: 'Start it again at any time.' });
}
