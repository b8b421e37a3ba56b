/**
 * Runs the examples from request to receipt, as anyone would from the command line, and prints what each gave: `npm run examples`, or only
 * some of them, `npm run examples -- mnist spam`. Data come from the npm registry (InstEval from Debian's) and are checked against
 * pinned digests; everything is written under `out/examples`.
 */
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { root } from '../root';
import { cifar10 } from './cifar10';
import { examplesFolder, type Example } from './example';
import { insteval } from './insteval';
import { mnist } from './mnist';
import { spam } from './spam';

const examples: readonly Example[] = [mnist, cifar10, spam, insteval];

/** What `run --json` says, as far as it is shown here. */
interface RunAnswer {
  readonly engine: string;
  readonly seconds: number;
  readonly guarantee: { readonly epsilon: number; readonly delta: number };
  readonly metrics?: Readonly<Record<'before' | 'afterNoise' | 'afterRecovery', { readonly evaluation?: { readonly accuracy?: number } }>>;
}

interface Outcome {
  readonly example: Example;
  readonly run: RunAnswer;
  readonly records: { readonly forget: number; readonly retain: number };
  /** Exit code of `check-excluded`, and what it said. */
  readonly excluded: string;
}

/** One command of the command line, shown as it can be typed, with what it says unless that is for machines. @throws Error where it does not exit with 0, or with one of `also`. */
function command(argv: readonly string[], also: readonly number[] = []): string {
  console.log(`\n$ certified-unlearning ${argv.map((word) => (isAbsolute(word) ? relative('', word) : word)).join(' ')}`);
  // A key of its own: whoever tries the examples should not find one in their configuration.
  const env = { ...process.env, CERTIFIED_UNLEARNING_HOME: join(examplesFolder, 'key') };
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), ...argv], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28 });
  if (!argv.includes('--json')) console.log(stdout.trimEnd());
  if (status !== 0 && !also.includes(status ?? -1)) throw new Error(`certified-unlearning ${argv[0] ?? ''} exited with ${status ?? 'a signal'}`);
  return stdout;
}

async function fromRequestToReceipt(example: Example): Promise<Outcome> {
  console.log(`\n== ${example.title}`);
  await example.prepare();
  command(['preview', example.request, '--rows', '3']);
  const run = JSON.parse(command(['run', example.request, '--overwrite', '--json'])) as RunAnswer;
  command(['verify', example.certificate, '--data']);
  const { statement } = JSON.parse(command(['verify', example.certificate, '--json'])) as { statement: { predicate: { data: Record<'forget' | 'retain', { count: number }> } } };
  const receipt = join(dirname(example.request), 'receipt.json');
  for (const file of [receipt, receipt.replace('.json', '.md')]) await rm(file, { force: true });
  command(['receipt', example.certificate, ...example.whose, '--output', receipt]);
  command(['verify-receipt', receipt, example.certificate]);
  // Records that equal a forgotten one and were kept by choice are found here: then the answer is no, which is an answer.
  const { excluded, equal } = JSON.parse(command(['check-excluded', example.certificate, ...example.whose, '--json'], [1])) as { excluded: boolean; equal: number[] };
  const { forget, retain } = statement.predicate.data;
  return { example, run, records: { forget: forget.count, retain: retain.count }, excluded: excluded ? 'yes' : `no: ${equal.length} equal records kept` };
}

const percent = (share: number | undefined): string => (share === undefined ? '' : `${(100 * share).toFixed(2)} %`);

/** In Markdown, as it stands in docs/data.md. */
function summary(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ example, run: { engine, seconds, guarantee, metrics }, records, excluded }) => [
    example.title, `${records.forget} of ${records.forget + records.retain}`, `${guarantee.epsilon} at δ = ${guarantee.delta}`,
    ...(['before', 'afterNoise', 'afterRecovery'] as const).map((when) => percent(metrics?.[when].evaluation?.accuracy)),
    engine, `${seconds.toFixed(0)} s`, 'verified', 'verified', excluded,
  ]);
  const header = ['example', 'forgotten', 'ε', 'accuracy before', 'after noise', 'after recovery', 'engine', 'run', 'certificate', 'receipt', 'shown to be excluded'];
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !examples.some((example) => example.name === name));
  if (unknown !== undefined) throw new Error(`There is no example ${unknown}. There are: ${examples.map(({ name }) => name).join(', ')}.`);
  const outcomes: Outcome[] = [];
  for (const example of examples) if (names.length === 0 || names.includes(example.name)) outcomes.push(await fromRequestToReceipt(example));
  const text = summary(outcomes);
  await writeFile(join(examplesFolder, 'summary.md'), `${text}\n`);
  console.log(`\n${text}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
