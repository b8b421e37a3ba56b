/**
 * Time of a gradient-free run on a checkpoint against the time of copying its file, in the same minutes, and the memory that it takes:
 * `npm run build && node scripts/run.js bench/checkpoints.ts [--bytes 2e9] [--type F32|BF16|F16] [--rounds 3]`.
 *
 * The run is the command `certified-unlearning run` as a whole, from the start of its process to its end: reading the request and the data,
 * the norm, clipping and noise, the digests of original and result, the statement, its signature, its verification, and the result on the disk.
 * The copy is `cp`, then `cp` with the result on the disk (`fsync`), as the run leaves it. Each is measured with the original in the page cache,
 * and with the original on the disk alone, as a checkpoint of yesterday is. What other programs took of the processors meanwhile is printed: the
 * times mean little where that is much. Linux alone, with `dd`, `fincore` and `sync`: it reads /proc.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, cpSync, existsSync, fsyncSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({ options: { bytes: { type: 'string', default: '2e9' }, type: { type: 'string', default: 'F32' }, rounds: { type: 'string', default: '3' }, folder: { type: 'string', default: tmpdir() } } });
const TENSORS = 40;
const widths: Readonly<Record<string, number>> = { F32: 4, F64: 8, BF16: 2, F16: 2 };

/** A safetensors file of equal tensors, filled with a pattern of small numbers. */
function writeCheckpoint(path: string, bytes: number, type: string): void {
  const width = widths[type] ?? 4;
  const count = Math.floor(bytes / TENSORS / width);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: TENSORS }, (_, index) => [`layers.${index}.weight`, { dtype: type, shape: [count], data_offsets: [index * count * width, (index + 1) * count * width] }]))));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const numbers = new Float32Array(count).map((_, index) => ((index * 2_654_435_761) % 1024) / 1024 - 0.5);
  // The upper halves of float32 are bfloat16; as float16 they are other numbers, and finite.
  const stored = width === 4 ? numbers : width === 8 ? new Float64Array(numbers) : new Uint16Array(numbers.buffer).filter((_, index) => index % 2 === 1);
  const file = openSync(path, 'w');
  for (const part of [length, header, ...Array.from({ length: TENSORS }, () => Buffer.from(stored.buffer, 0, count * width))]) writeSync(file, part);
  fsyncSync(file);
  closeSync(file);
}

interface Usage {
  readonly seconds: number;
  /** User and system time of the command and its processes. */
  readonly processor: number;
  /** Processor time that everything else on the machine took meanwhile, its writing to the disk included. */
  readonly others: number;
}

interface Memory {
  /** The largest resident size of each process, in MB, largest first. */
  readonly resident: readonly number[];
  /** The largest sum over the processes at one time, in MB: of resident pages, and with each page shared out among those who have it. */
  readonly together: number;
  readonly shared: number;
}

/** Runs a command to its end and measures it; the memory of it and its children where it is watched. */
async function measured(command: string, args: readonly string[], watch: boolean): Promise<Usage & Memory> {
  const [started, busyBefore, usedBefore] = [performance.now(), busy(), usedByChildren()];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'keys') } });
  const peaks = new Map<number, number>();
  let [together, shared] = [0, 0];
  const look = (): void => {
    const now = [child.pid ?? 0, ...childrenOf(child.pid ?? 0)].map((id) => ({ id, ...memoryOf(id) }));
    for (const { id, resident } of now) peaks.set(id, Math.max(peaks.get(id) ?? 0, resident));
    together = Math.max(together, now.reduce((sum, { resident }) => sum + resident, 0));
    shared = Math.max(shared, now.reduce((sum, { proportional }) => sum + proportional, 0));
  };
  const timer = watch ? setInterval(look, 25) : undefined;
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  const processor = usedByChildren() - usedBefore;
  return { seconds, processor, others: Math.max(0, busy() - busyBefore - processor), resident: [...peaks.values()].filter((value) => value > 0).sort((one, other) => other - one), together, shared };
}

/** In MB. A process that has ended, and was not waited for yet, has no memory any more. */
function memoryOf(id: number): { readonly resident: number; readonly proportional: number } {
  let text = '';
  try {
    text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
  } catch {
    // It ended in between.
  }
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { resident: field('Rss'), proportional: field('Pss') };
}

/** Seconds that all processors together have been busy. */
function busy(): number {
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, soft = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number);
  return (user + nice + system + interrupt + soft) / 100;
}

/** Processor seconds of all processes that this one has started and that have ended, with those that they had started. */
function usedByChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function childrenOf(parent: number): readonly number[] {
  try {
    return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);
  } catch {
    return [];
  }
}

/** Puts a file that is on the disk where the measurement wants it: out of the page cache, or into it. */
function place(path: string, cold: boolean): void {
  let cached = NaN;
  // Pages that something is doing something with are left where they are.
  for (let attempt = 0; attempt < 10; attempt += 1) {
    spawnSync('sync');
    if (cold) spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0']);
    else spawnSync('cat', [path], { stdio: 'ignore' });
    cached = Number(spawnSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path], { encoding: 'utf8' }).stdout) / statSync(path).size;
    if (cold ? cached < 0.01 : cached > 0.99) return;
  }
  throw new Error(`${(100 * cached).toFixed(0)} % of the original stay in the page cache`);
}

const median = (numbers: readonly number[]): number => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN;

const folder = mkdtempSync(join(given.folder, 'checkpoint-bench-'));

/** The shipped example's data, and a request for the large checkpoint beside it. */
function prepare(model: string): string {
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
  writeCheckpoint(model, Number(given.bytes), given.type);
  const request = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as object;
  const path = join(folder, 'large.unlearn.json');
  writeFileSync(path, JSON.stringify({ ...request, model: 'large.safetensors', method: { name: 'output-perturbation', initialRadius: 1 } }));
  return path;
}

type Work = 'copy' | 'durable copy' | 'run';
const kinds = [false, true].flatMap((cold) => (['copy', 'durable copy', 'run'] as const).map((work) => ({ cold, work })));
const names: Readonly<Record<Work, string>> = { copy: '`cp`', 'durable copy': '`cp` and `fsync`', run: '`certified-unlearning run`' };

/** Once, from a state in which nothing of an earlier round is left. */
async function once(work: Work, cold: boolean, model: string, request: string): Promise<Usage & Memory> {
  const copied = join(folder, 'copy.safetensors');
  for (const name of readdirSync(folder)) if (/^(copy\.|large\..*(unlearned|certificate))/.test(name)) rmSync(join(folder, name));
  place(model, cold);
  if (work === 'run') return measured(process.execPath, ['dist/cli.js', 'run', request, '--json'], true);
  return measured('sh', ['-c', work === 'copy' ? 'cp "$0" "$1"' : 'cp "$0" "$1" && sync "$1"', model, copied], false);
}

async function main(): Promise<void> {
  const model = join(folder, 'large.safetensors');
  const request = prepare(model);
  console.log(`${(statSync(model).size / 1e9).toFixed(2)} GB of ${given.type}, ${availableParallelism()} processors, load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? ''}\n`);
  const rounds = kinds.map(({ cold, work }) => ({ cold, work, rows: [] as (Usage & Memory)[] }));
  for (let round = 0; round < Number(given.rounds); round += 1) {
    for (const { cold, work, rows } of rounds) {
      const row = await once(work, cold, model, request);
      rows.push(row);
      console.log(`${cold ? 'cold' : 'warm'} ${work.padEnd(12)} ${row.seconds.toFixed(2)} s, ${row.processor.toFixed(1)} s of processors, others ${row.others.toFixed(1)} s`);
    }
  }
  if (!existsSync(join(folder, 'large.unlearning-certificate.json'))) throw new Error('no certificate');
  const rowsOf = (wanted: Work, cold: boolean): readonly Usage[] => rounds.find((each) => each.cold === cold && each.work === wanted)?.rows ?? [];
  // Of measurements in the same minute, so that what else goes on concerns both.
  const ratio = (rows: readonly Usage[], to: Work, cold: boolean): string => `${median(rows.map(({ seconds }, round) => seconds / (rowsOf(to, cold)[round]?.seconds ?? NaN))).toFixed(2)} ×`;
  console.log('\n| original | | seconds | of processors, the least | others meanwhile | to `cp` | to `cp` and `fsync` |\n| --- | --- | --- | --- | --- | --- | --- |');
  for (const { cold, work, rows } of rounds) {
    console.log(`| ${cold ? 'on the disk alone' : 'in the page cache'} | ${names[work]} | ${median(rows.map(({ seconds }) => seconds)).toFixed(2)} | ${Math.min(...rows.map(({ processor }) => processor)).toFixed(2)} | ${median(rows.map(({ others }) => others)).toFixed(1)} | ${ratio(rows, 'copy', cold)} | ${ratio(rows, 'durable copy', cold)} |`);
  }
  const runs = rounds.filter(({ work }) => work === 'run').flatMap(({ rows }) => rows);
  const most = (of: (row: Memory) => number): string => `${Math.max(...runs.map(of)).toFixed(0)} MB`;
  console.log(`\nMemory of a run at most, seen every 25 ms: ${most(({ resident }) => resident[0] ?? 0)} in the engine's process and ${most(({ resident }) => resident[1] ?? 0)} in the command line's; both together ${most(({ together }) => together)} resident, ${most(({ shared }) => shared)} with shared pages counted once.`);
}

void main().finally(() => rmSync(folder, { recursive: true, force: true }));
