/**
 * Opens damaged models of all formats, or with `--data` damaged data, each a known file with a few bytes changed: every one must end as what it
 * is or as a typed error, within five seconds (of two tries) and four times its size plus 200 MB of memory.
 * `npm run fuzz [-- --data] [--files 10000] [--from ROUND] [--case SEED:ROUND] [--show CODE]`; exits with 1 otherwise.
 *
 * Files are opened in processes of their own, which are renewed: a hang or a crash costs one process and is put down to the file it had, and
 * what damaged HDF5 files leave behind in the library cannot add up.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Subject } from './subject';
import { serve, type Job, type Outcome } from './worker';

const { values: given, positionals } = parseArgs({ allowPositionals: true, options: { data: { type: 'boolean', default: false }, files: { type: 'string', default: '10000' }, from: { type: 'string', default: '0' }, case: { type: 'string' }, show: { type: 'string' }, processes: { type: 'string', default: String(availableParallelism()) } } });
/** Milliseconds and bytes; those of the memory are above four times the file. */
const limits = { milliseconds: 5000, memory: 200e6 };
/** A process that has not answered by then is stuck for good; to begin with it loads the libraries. */
const patience = 20_000;
const patienceAtStart = 300_000;
const filesPerProcess = 250;

let jobs: Job[] = [];
const outcomes: Outcome[] = [];
let ended = 0;
const failures: string[] = [];

function fail({ seed, round }: Job, why: string): void {
  failures.push(`${seed}:${round}  ${why}`);
  console.error(`${seed}:${round}  ${why}`);
}

async function theSubject(): Promise<Subject> {
  return given.data ? (await import('./data')).data : (await import('./models')).models;
}

/** Works through jobs in one process until it has had its share, or dies. */
async function shift(scratch: string, { mayEndProcess }: Subject): Promise<void> {
  const child = fork(__filename, ['worker', scratch, ...(given.data ? ['--data'] : [])], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-500)));
  const died = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(`the process ended (${signal ?? String(code)}) ${words}`)));
  const ready = await answer(child, died, patienceAtStart);
  if (ready.given === undefined) throw new Error(ready.why);
  for (let done = 0; done < filesPerProcess; done += 1) {
    const job = jobs.shift();
    if (job === undefined) break;
    const answered = answer(child, died, patience);
    child.send(job);
    const { given: outcome, why } = await answered;
    if (outcome === undefined) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      else if (mayEndProcess(job.seed)) {
        ended += 1;
        return;
      }
      fail(job, why);
      return;
    }
    judge(outcome as Outcome);
  }
  child.disconnect();
  await died;
}

async function answer(child: ChildProcess, died: Promise<string>, milliseconds: number): Promise<{ readonly given?: unknown; readonly why: string }> {
  let timer: NodeJS.Timeout | undefined;
  const message = new Promise<{ given: unknown; why: string }>((resolve) => child.once('message', (given) => resolve({ given, why: '' })));
  const late = new Promise<{ why: string }>((resolve) => {
    timer = setTimeout(() => resolve({ why: `no answer within ${milliseconds / 1000} s` }), milliseconds);
  });
  return Promise.race([message, late, died.then((why) => ({ why }))]).finally(() => clearTimeout(timer));
}

function judge(outcome: Outcome): void {
  if (outcome.milliseconds > limits.milliseconds && outcome.again !== true) {
    jobs.push({ seed: outcome.seed, round: outcome.round, again: true });
    return;
  }
  outcomes.push(outcome);
  if (given.show !== undefined && outcome.code === given.show) console.log(`${outcome.seed}:${outcome.round}  ${outcome.name}`);
  if (outcome.thrown !== undefined) fail(outcome, `${outcome.name}: ${outcome.thrown}`);
  if (outcome.milliseconds > limits.milliseconds) fail(outcome, `${outcome.name}: took ${(outcome.milliseconds / 1000).toFixed(1)} s`);
  if (outcome.grown !== undefined && outcome.grown > 4 * outcome.size + limits.memory) fail(outcome, `${outcome.name}: took ${(outcome.grown / 1e6).toFixed(0)} MB for ${(outcome.size / 1e6).toFixed(2)} MB`);
}

async function main(): Promise<void> {
  const subject = await theSubject();
  const { seedCount } = subject;
  jobs = given.case === undefined
    ? Array.from({ length: Number(given.files) }, (_, index) => ({ seed: index % seedCount, round: Number(given.from) + Math.floor(index / seedCount) }))
    : [{ seed: Number(given.case.split(':')[0]), round: Number(given.case.split(':')[1]) }];
  const total = jobs.length;
  const scratch = mkdtempSync(join(tmpdir(), 'fuzz-'));
  await Promise.all(Array.from({ length: Number(given.processes) }, async () => {
    while (jobs.length > 0) await shift(scratch, subject);
  }));
  rmSync(scratch, { recursive: true, force: true });
  const codes = new Map<string, number>();
  for (const { code = 'something else' } of outcomes) codes.set(code, (codes.get(code) ?? 0) + 1);
  for (const [code, count] of [...codes].sort((one, other) => other[1] - one[1])) console.log(`${String(count).padStart(6)}  ${code}`);
  if (ended > 0) console.log(`${String(ended).padStart(6)}  the process ended, as the program expects of native code`);
  const slowest = Math.max(0, ...outcomes.map(({ milliseconds }) => milliseconds));
  const largest = Math.max(0, ...outcomes.map(({ grown = 0 }) => grown));
  console.log(`${total} files: slowest ${(slowest / 1000).toFixed(2)} s, most memory ${(largest / 1e6).toFixed(0)} MB above what the process had, ${failures.length} failures`);
  process.exitCode = failures.length > 0 || outcomes.length + ended === 0 ? 1 : 0;
}

if (positionals[0] === 'worker') void theSubject().then((subject) => serve(subject, positionals[1] ?? ''));
else void main();
