import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Subject } from './subject';

export interface Job {
  readonly seed: number;
  readonly round: number;
  /** Whether it took too long before, which on a busy machine says nothing. */
  readonly again?: boolean;
}

export interface Outcome extends Job {
  readonly name: string;
  /** `model` or `data`, the code of a typed error, or undefined where something else was thrown. */
  readonly code: string | undefined;
  readonly thrown: string | undefined;
  readonly milliseconds: number;
  /** Of all files of the case, in bytes. */
  readonly size: number;
  /** How far the resident size rose above what it was, in bytes; undefined where the system does not say. */
  readonly grown: number | undefined;
}

async function attempt({ caseOf }: Subject, scratch: string, job: Job): Promise<Outcome> {
  const { seed: name, files, examine } = await caseOf(job.seed, job.round);
  const folder = join(scratch, `${job.seed}-${job.round}`);
  for (const file of files) {
    await mkdir(dirname(join(folder, file.name)), { recursive: true });
    await writeFile(join(folder, file.name), file.bytes);
  }
  const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const before = resident('VmRSS');
  forgetPeak();
  const started = performance.now();
  let [code, thrown]: (string | undefined)[] = [];
  try {
    code = await examine(folder);
  } catch (error) {
    thrown = error instanceof Error ? error.stack ?? error.message : String(error);
  }
  const milliseconds = performance.now() - started;
  const peak = resident('VmHWM');
  await rm(folder, { recursive: true });
  return { ...job, name, code, thrown, milliseconds, size, grown: before === undefined || peak === undefined ? undefined : Math.max(0, peak - before) };
}

/** Bytes, as Linux counts them. */
function resident(field: 'VmRSS' | 'VmHWM'): number | undefined {
  try {
    return 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then the largest of all files so far is what is seen, which is stricter.
  }
}

/** Opens damaged files one after the other in a folder, as this process is told by its parent, until the parent lets go of it. */
export function serve(subject: Subject, scratch: string): void {
  process.on('message', (job: Job) => {
    void attempt(subject, scratch, job).then((outcome) => process.send?.(outcome));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}
