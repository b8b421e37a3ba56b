/**
 * Memory of data larger than what may be in memory: `node scripts/run.js bench/memory.ts`. Each source is opened in a process of its own,
 * which reads 300 batches of random records; what is shown is the most memory that process ever had. Exits with 1 where that is above
 * the limit. Needs 2 GiB in the temporary folder.
 */
import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import * as hdf5 from 'h5wasm';
import { openDataset } from '../src/data/open-dataset';
import type { ArraySource } from '../src/data/source-spec';
import { idx, npy } from './array-files';

const width = 1024;
const records = 2 ** 20;
const residentLimit = 64 * 2 ** 20;
/** The program itself, the library of HDF5 with blocks of 4 MiB, labels and batches; the data have 1024 MiB. */
const limitMiB = 400;

async function child(source: ArraySource, base: string): Promise<void> {
  const start = performance.now();
  const data = await openDataset(source, { base, residentLimit });
  const opened = performance.now();
  for (let batch = 0; batch < 300; batch++) await data.read(Uint32Array.from({ length: 128 }, (_, index) => (batch * 104_729 + index * 15_485_863) % data.count));
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  console.log(JSON.stringify({ records: data.count, mebibytes: Math.round(maxRSS / 1024), open: (opened - start) / 1000, batches: (performance.now() - opened) / 1000, processor: (userCPUTime + systemCPUTime) / 1e6 }));
}

/** A file that begins with a header and goes on with zeros that take no space. */
async function sparse(file: string, header: Uint8Array, length: number): Promise<void> {
  const handle = await open(file, 'w');
  await handle.write(header);
  await handle.truncate(header.length + length);
  await handle.close();
}

async function make(folder: string): Promise<Readonly<Record<string, ArraySource>>> {
  const header = npy('|u1', [records, width]);
  await writeFile(join(folder, 'labels.npy'), Buffer.concat([npy('|u1', [records]), new Uint8Array(records)]));
  await writeFile(join(folder, 'few.npy'), Buffer.concat([npy('|u1', [100, width]), new Uint8Array(100 * width)]));
  await writeFile(join(folder, 'few-labels.npy'), Buffer.concat([npy('|u1', [100]), new Uint8Array(100)]));
  await sparse(join(folder, 'bytes.npy'), header, records * width);
  await pipeline(Readable.from((function* () {
    yield idx([records, width]);
    for (let block = 0; block < 1024; block++) yield new Uint8Array(2 ** 20);
  })()), createGzip({ level: 1 }), createWriteStream(join(folder, 'bytes.idx.gz')));
  const { FS } = await hdf5.ready;
  const file = new hdf5.File('/made.h5', 'w');
  const x = file.create_dataset({ name: 'x', data: new Uint8Array(width), shape: [1, width], maxshape: [null, width], chunks: [64, width] });
  x.resize([records, width]);
  file.close();
  await writeFile(join(folder, 'bytes.h5'), FS.readFile('/made.h5'));
  const labels = 'labels.npy';
  return {
    'a small file, to compare': { format: 'npy', features: 'few.npy', labels: 'few-labels.npy' },
    'NPY, 1 GiB': { format: 'npy', features: 'bytes.npy', labels },
    'compressed IDX, 1 GiB': { format: 'idx', features: 'bytes.idx.gz', labels },
    'HDF5, 1 GiB': { format: 'hdf5', features: 'bytes.h5', labels },
  };
}

async function main(): Promise<void> {
  const [source, base] = process.argv.slice(2);
  if (source !== undefined && base !== undefined) return child(JSON.parse(source) as ArraySource, base);
  const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'));
  try {
    for (const [name, made] of Object.entries(await make(folder))) {
      const { mebibytes, open: opened, batches, processor } = JSON.parse(execFileSync(process.execPath, [process.argv[1] ?? '', JSON.stringify(made), folder], { encoding: 'utf8' })) as Record<'mebibytes' | 'open' | 'batches' | 'processor', number>;
      console.log(`${name.padEnd(26)} ${String(mebibytes).padStart(4)} MiB at most (limit ${limitMiB}), opened in ${opened.toFixed(1)} s, 300 batches in ${batches.toFixed(1)} s, ${processor.toFixed(1)} s of processor`);
      if (mebibytes > limitMiB) process.exitCode = 1;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
