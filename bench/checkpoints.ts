/**
 * Time of a gradient-free run on a checkpoint against the time of copying its file, in the same minutes, and the memory that it takes:
 * `npm run build && node scripts/run.js bench/checkpoints.ts [--bytes 2e9] [--type F32|BF16|F16] [--rounds 3]`.
 *
 * The run is the command `certified-unlearning run` as a whole, from the start of its process to its end: reading the request and the data,
 * the norm, clipping and noise, the digests of original and result, the statement, its signature, its verification, and the result on the disk.
 * The copy is `cp`, then `cp` with the result on the disk (`fsync`), as the run leaves it. What other programs took of the processors
 * meanwhile is printed: the times mean little where that is much. Linux alone: it reads /proc.
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
  /** User and system time of all processes, as last seen. */
  readonly processor: number;
  /** Processor time that everything else on the machine took meanwhile, its writing to the disk included. */
  readonly others: number;
  /** The largest resident size of each process, in MB, largest first. */
  readonly resident: readonly number[];
}

/** Runs a command to its end and watches it and its children. */
async function watched(command: string, args: readonly string[]): Promise<Usage> {
  const started = performance.now();
  const busyBefore = busy();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'keys') } });
  const peaks = new Map<number, number>();
  const ticks = new Map<number, number>();
  const look = (): void => {
    for (const id of [child.pid ?? 0, ...childrenOf(child.pid ?? 0)]) {
      try {
        // A process that has ended, and was not waited for yet, has no memory any more.
        peaks.set(id, Math.max(peaks.get(id) ?? 0, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024));
        const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        ticks.set(id, Number(fields[11]) + Number(fields[12]));
      } catch {
        // It ended in between.
      }
    }
  };
  const timer = setInterval(look, 20);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  const processor = [...ticks.values()].reduce((sum, value) => sum + value, 0) / 100;
  return { seconds, processor, others: Math.max(0, busy() - busyBefore - processor), resident: [...peaks.values()].filter((value) => value > 0).sort((one, other) => other - one) };
}

/** Seconds that all processors together have been busy. */
function busy(): number {
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, soft = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number);
  return (user + nice + system + interrupt + soft) / 100;
}

function childrenOf(parent: number): readonly number[] {
  try {
    return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);
  } catch {
    return [];
  }
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

function copy(from: string, to: string, durably: boolean): number {
  rmSync(to, { force: true });
  spawnSync('sync');
  return timed(() => {
    spawnSync('cp', [from, to]);
    if (!durably) return;
    const file = openSync(to, 'r');
    fsyncSync(file);
    closeSync(file);
  });
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

async function main(): Promise<void> {
  const [model, copied] = [join(folder, 'large.safetensors'), join(folder, 'copy.safetensors')];
  const path = prepare(model);
  console.log(`${(statSync(model).size / 1e9).toFixed(2)} GB of ${given.type}, ${availableParallelism()} processors, load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? ''}`);
  const rows: { readonly plain: number; readonly durable: number; readonly run: Usage }[] = [];
  for (let round = 0; round < Number(given.rounds); round += 1) {
    const [plain, durable] = [copy(model, copied, false), copy(model, copied, true)];
    rmSync(copied);
    for (const name of readdirSync(folder)) if (/^large\..*(unlearned|certificate)/.test(name)) rmSync(join(folder, name));
    spawnSync('sync');
    const run = await watched(process.execPath, ['dist/cli.js', 'run', path, '--json']);
    rows.push({ plain, durable, run });
    console.log(`cp ${plain.toFixed(2)} s   cp and fsync ${durable.toFixed(2)} s   run ${run.seconds.toFixed(2)} s (${run.processor.toFixed(1)} s of processors, others ${run.others.toFixed(1)} s)   ×${(run.seconds / plain).toFixed(2)} of cp   ×${(run.seconds / durable).toFixed(2)} of cp and fsync   resident ${run.resident.map((value) => `${value.toFixed(0)} MB`).join(' + ')}`);
  }
  console.log(`median: ×${median(rows.map(({ run, plain }) => run.seconds / plain)).toFixed(2)} of cp, ×${median(rows.map(({ run, durable }) => run.seconds / durable)).toFixed(2)} of cp and fsync`);
  if (!existsSync(join(folder, 'large.unlearning-certificate.json'))) throw new Error('no certificate');
}

void main().finally(() => rmSync(folder, { recursive: true, force: true }));
