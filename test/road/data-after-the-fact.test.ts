import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { verifyReceipt } from '../../src/certificate/receipt';
import { commandLine } from '../../src/cli/command-line';
import { Terminal } from '../../src/cli/terminal';
import { checkData } from '../../src/run/check-data';
import { checkExclusion, type Near, type Whose } from '../../src/run/check-exclusion';
import { startRun } from '../../src/run/start-run';
import { writeReceipt } from '../../src/run/write-receipt';
import { idx, npy, runSql } from '../unit/data/sources';

/** Data of every kind after a real run on them: which commitment no longer holds after rows were altered, removed or added. */

const { privateKey, publicKey } = createKeyPair();
const signer = signerFromPem(privateKey);
const trustedKeys = [publicKey];
let folder: string;

interface Row { readonly id: string; readonly x: number; readonly y: number }

/** Records 2 and 5 are of the person p2, whom the request forgets; no two are equal. */
const rows: readonly Row[] = Array.from({ length: 8 }, (_, record) => ({ id: record === 5 ? 'p2' : `p${record}`, x: record, y: record % 2 }));

const lines = (all: readonly Row[]): string => all.map(({ id, x, y }) => `${id},${x},${y}\n`).join('');

function image(gray: number): Buffer {
  const png = new PNG({ width: 2, height: 2, colorType: 0 });
  png.data = Buffer.from(Array.from({ length: 4 }, () => [gray, gray, gray, 255]).flat());
  return PNG.sync.write(png, { colorType: 0 });
}

const table = { path: 'data', label: 'y', features: ['x'] };
const arrays = { features: 'features', labels: 'labels', records: 'records.csv' };

/** Each kind of source: how a request names it, and how the rows are written in it. */
const sources: Readonly<Record<string, { readonly train: object; write(all: readonly Row[]): Promise<void> | void }>> = {
  csv: { train: { format: 'csv', ...table }, write: (all) => writeFileSync(join(folder, 'data'), `id,x,y\n${lines(all)}`) },
  jsonl: { train: { format: 'jsonl', ...table }, write: (all) => writeFileSync(join(folder, 'data'), all.map((row) => `${JSON.stringify(row)}\n`).join('')) },
  parquet: {
    train: { format: 'parquet', ...table },
    write: (all) => runSql(`copy (select * from (values ${all.map(({ id, x, y }) => `('${id}', ${x}, ${y})`).join(', ')}) t(id, x, y)) to '${join(folder, 'data')}' (format parquet)`),
  },
  duckdb: {
    train: { format: 'duckdb', ...table },
    write: (all) => {
      rmSync(join(folder, 'data'), { force: true });
      return runSql(`attach '${join(folder, 'data')}' as d; create table d.t as select * from (values ${all.map(({ id, x, y }) => `('${id}', ${x}, ${y})`).join(', ')}) t(id, x, y); detach d`);
    },
  },
  npy: {
    train: { format: 'npy', ...arrays },
    write: (all) => {
      writeFileSync(join(folder, 'features'), npy('<f4', [all.length, 1], Float32Array.from(all, ({ x }) => x)));
      writeFileSync(join(folder, 'labels'), npy('<i4', [all.length], Int32Array.from(all, ({ y }) => y)));
      writeFileSync(join(folder, 'records.csv'), `id,x,y\n${lines(all)}`);
    },
  },
  idx: {
    train: { format: 'idx', ...arrays },
    write: (all) => {
      writeFileSync(join(folder, 'features'), idx(8, [all.length, 1], all.map(({ x }) => x)));
      writeFileSync(join(folder, 'labels'), idx(8, [all.length], all.map(({ y }) => y)));
      writeFileSync(join(folder, 'records.csv'), `id,x,y\n${lines(all)}`);
    },
  },
  images: {
    train: { format: 'images', path: 'images.csv', image: 'file', label: 'y' },
    write: (all) => {
      mkdirSync(join(folder, 'images'), { recursive: true });
      for (const { x } of all) writeFileSync(join(folder, 'images', `${x}.png`), image(x));
      writeFileSync(join(folder, 'images.csv'), `id,file,y\n${all.map(({ id, x, y }) => `${id},images/${x}.png,${y}\n`).join('')}`);
    },
  },
};

/** A checkpoint, because a run on it takes no training. */
function safetensors(): Buffer {
  const weights = new Float32Array(64).fill(0.5);
  const header = Buffer.from(JSON.stringify({ 'layer.weight': { dtype: 'F32', shape: [8, 8], data_offsets: [0, weights.byteLength] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(weights.buffer)]);
}

async function run(name: string, more: object = {}): Promise<string> {
  const source = sources[name];
  if (source === undefined) throw new Error(name);
  await source.write(rows);
  mkdirSync(join(folder, name), { recursive: true });
  const request = { version: 1, model: 'net.safetensors', output: `${name}/net.safetensors`, data: { train: source.train }, forget: { ids: { column: 'id', values: ['p2'] } }, target: { epsilon: 1, delta: 1e-5 }, method: { name: 'output-perturbation', initialRadius: 1 }, ...more };
  writeFileSync(join(folder, `${name}.unlearn.json`), JSON.stringify(request));
  return (await startRun(join(folder, `${name}.unlearn.json`), { signer, engineEntry: join('dist', 'engine.js'), overwrite: true })).certificate;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'after-the-fact-'));
  writeFileSync(join(folder, 'net.safetensors'), safetensors());
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const altered = (record: number): Row[] => rows.map((row, index) => (index === record ? { ...row, x: 100 } : row));
const relabelled = (record: number): Row[] => rows.map((row, index) => (index === record ? { ...row, y: 1 - row.y } : row));

describe.each(Object.keys(sources))('data in %s', (name) => {
  it('fit both commitments as they were, and no longer the one of the set in which a record was altered, removed or added', async () => {
    const certificate = await run(name);
    const held = async (all: readonly Row[]): Promise<string> => {
      await sources[name]?.write(all);
      return (await checkData(certificate, trustedKeys)).map(({ set, holds }) => `${set} ${holds ? 'holds' : 'does not'}`).join(', ');
    };
    expect(await held(rows)).toBe('forget holds, retain holds');
    expect(await held(altered(5))).toBe('forget does not, retain holds');
    expect(await held(relabelled(2))).toBe('forget does not, retain holds');
    expect(await held(altered(4))).toBe('forget holds, retain does not');
    // Without the last record; with one more: only the retain set has another number of records.
    expect(await held(rows.slice(0, -1))).toBe('forget holds, retain does not');
    expect(await held([...rows, { id: 'p9', x: 9, y: 0 }])).toBe('forget holds, retain does not');
    // Without the first one, all others have other numbers.
    expect(await held(rows.slice(1))).toBe('forget does not, retain does not');
    // Forgotten records taken out, as their holder may have had to do: neither set can be opened any more.
    expect(await held(rows.filter(({ id }) => id !== 'p2'))).toBe('forget does not, retain does not');
    // The forgotten record 5 is beyond the end: it is named, and no count of what there was is guessed.
    await sources[name]?.write(rows.slice(0, 5));
    expect((await checkData(certificate, trustedKeys)).map(({ detail }) => detail)[0]).toBe('The data has 5 records now, and no record 5 any more.');
    // Two retained records in each other's place.
    expect(await held(rows.map((row, index) => rows[index === 6 ? 7 : index === 7 ? 6 : index] ?? row))).toBe('forget holds, retain does not');
    await sources[name]?.write(rows);
  });
});

describe('a receipt of a run for several requests', () => {
  it('names the request that selects all of the person\'s records, and the page says it', async () => {
    const requests = [
      { reference: 'T-1', date: '2025-11-03', basis: 'GDPR Art. 17(1)(b)', ids: { column: 'id', values: ['p2'] } },
      { reference: 'T-2', where: 'x in (3, 4)' },
      { reference: 'T-3', rows: [7], equalTo: { format: 'csv', path: 'handed-in.csv', label: 'y', features: ['x'] } },
    ];
    writeFileSync(join(folder, 'handed-in.csv'), 'x,y\n0,0\n');
    const certificate = await run('csv', { forget: { requests } });
    const receiptOf = async (whose: Parameters<typeof writeReceipt>[1]['whose']): Promise<{ request: unknown; page: string; records: number }> => {
      const { receipt, page, records } = await writeReceipt(certificate, { signer, trustedKeys, whose });
      return { request: verifyReceipt(receipt, readFileSync(certificate), trustedKeys).receipt?.predicate.request, page, records };
    };
    const person = await receiptOf({ id: 'p2' });
    expect(person).toMatchObject({ records: 2, request: { reference: 'T-1', date: '2025-11-03', basis: 'GDPR Art. 17(1)(b)' } });
    expect(person.page).toContain('Your request: T\\-1, received on 2025-11-03.');
    expect((await receiptOf({ rows: [4] })).request).toEqual({ reference: 'T-2' });
    expect((await receiptOf({ rows: [0] })).request).toEqual({ reference: 'T-3' });
    // Of two requests, and so of neither.
    expect((await receiptOf({ rows: [3, 7] })).request).toBeUndefined();
  });
});

describe('the check that records are not retained', () => {
  const check = (certificate: string, whose: Whose): ReturnType<typeof checkExclusion> => checkExclusion(certificate, trustedKeys, whose);

  it('holds for whoever was forgotten, by id, by number and by content, and for nobody else', async () => {
    const certificate = await run('csv');
    expect(await check(certificate, { id: 'p2' })).toMatchObject({ retain: { holds: true }, asked: 2, retained: [], equal: [], excluded: true });
    expect(await check(certificate, { rows: [5] })).toMatchObject({ asked: 1, excluded: true });
    expect(await check(certificate, { ids: { column: 'id', values: ['p3'] } })).toMatchObject({ retained: [3], equal: [3], excluded: false });
    writeFileSync(join(folder, 'theirs.csv'), `id,x,y\np2,5,1\nx,77,0\n`);
    expect(await check(certificate, { file: join(folder, 'theirs.csv') })).toMatchObject({ asked: 2, retained: [], equal: [], excluded: true });
    writeFileSync(join(folder, 'theirs.csv'), `id,x,y\np2,5,1\nx,6,0\n`); // the second has the content of record 6
    expect(await check(certificate, { file: join(folder, 'theirs.csv') })).toMatchObject({ equal: [6], excluded: false });
    await expect(check(certificate, { id: 'nobody' })).rejects.toMatchObject({ code: 'ids-unmatched' });
    await expect(check(certificate, { rows: [8] })).rejects.toMatchObject({ code: 'row-out-of-range' });
  });

  it('does not hold where the data are no longer those committed to, whoever is looked for', async () => {
    const certificate = await run('csv');
    // p3 is taken out afterwards, and another stands twice so that the number is right. The second record of p2 is then the one numbered 4.
    await sources['csv']?.write([...rows.filter(({ id }) => id !== 'p3'), { id: 'p7', x: 7, y: 1 }]);
    expect(await check(certificate, { id: 'p2' })).toMatchObject({ retain: { holds: false }, retained: [4], excluded: false });
    await sources['csv']?.write(altered(0));
    expect(await check(certificate, { id: 'p2' })).toMatchObject({ retain: { holds: false }, retained: [], equal: [], excluded: false });
  });

  it('finds an equal record that was kept by choice, which the certificate counts', async () => {
    const source = sources['csv'];
    const twin = [...rows, { id: 'p8', x: 5, y: 1 }, { id: 'p9', x: 2, y: 0 }];
    await source?.write(twin);
    mkdirSync(join(folder, 'twin'), { recursive: true });
    const request = JSON.parse(readFileSync(join(folder, 'csv.unlearn.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'twin.unlearn.json'), JSON.stringify({ ...request, output: 'twin/net.safetensors', decisions: [{ group: 5, records: [8], decision: 'keep' }, { group: 2, decision: 'forget' }] }));
    const { certificate, statement } = await startRun(join(folder, 'twin.unlearn.json'), { signer, engineEntry: join('dist', 'engine.js') });
    expect((JSON.parse(statement) as { predicate: { data: object } }).predicate.data).toMatchObject({ forget: { count: 3 }, retain: { count: 7 }, duplicatesInRetain: { policy: 'decided', keptCount: 1, forgottenCount: 1 } });
    expect(await check(certificate, { id: 'p2' })).toMatchObject({ retain: { holds: true }, asked: 2, retained: [], equal: [8], excluded: false });
    expect(await check(certificate, { id: 'p9' })).toMatchObject({ asked: 1, excluded: true });
    await source?.write(rows);
  });

  it('takes what is handed in as arrays with their labels, or as images by list or by class', async () => {
    const arrays = await run('npy');
    const [features, labels] = [join(folder, 'their-features'), join(folder, 'their-labels')];
    await expect(check(arrays, { file: features })).rejects.toMatchObject({ code: 'labels-missing' });
    const handIn = (x: number, y: number): void => {
      writeFileSync(features, npy('<f4', [1, 1], Float32Array.of(x)));
      writeFileSync(labels, npy('<i4', [1], Int32Array.of(y)));
    };
    handIn(5, 1); // record 5, which is forgotten
    expect(await check(arrays, { file: features, labels })).toMatchObject({ asked: 1, equal: [], excluded: true });
    handIn(6, 0);
    expect(await check(arrays, { file: features, labels })).toMatchObject({ equal: [6], excluded: false });
    handIn(6, 1); // the same features under another label are another record
    expect(await check(arrays, { file: features, labels })).toMatchObject({ equal: [], excluded: true });
    const images = await run('images');
    const list = (y: number): void => writeFileSync(join(folder, 'theirs.csv'), `file,y\nimages/6.png,${y}\n`);
    list(0);
    expect(await check(images, { file: join(folder, 'theirs.csv') })).toMatchObject({ asked: 1, equal: [6], excluded: false });
    list(1);
    expect(await check(images, { file: join(folder, 'theirs.csv') })).toMatchObject({ equal: [], excluded: true });
  });

  it('knows the class of a handed-in folder by its name, also where it is the only one', async () => {
    for (const [name, gray] of [['a', 10], ['b', 20], ['b', 30], ['c', 40]] as const) {
      mkdirSync(join(folder, 'classes', name), { recursive: true });
      writeFileSync(join(folder, 'classes', name, `${gray}.png`), image(gray));
    }
    mkdirSync(join(folder, 'byclass'), { recursive: true });
    const request = JSON.parse(readFileSync(join(folder, 'images.unlearn.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'byclass.unlearn.json'), JSON.stringify({ ...request, output: 'byclass/net.safetensors', data: { train: { format: 'images', path: 'classes' } }, forget: { rows: [1] } }));
    const { certificate } = await startRun(join(folder, 'byclass.unlearn.json'), { signer, engineEntry: join('dist', 'engine.js') });
    mkdirSync(join(folder, 'theirs', 'b'), { recursive: true });
    writeFileSync(join(folder, 'theirs', 'b', 'mine.png'), image(20)); // record 1, which is forgotten
    expect(await check(certificate, { file: join(folder, 'theirs') })).toMatchObject({ asked: 1, equal: [], excluded: true });
    writeFileSync(join(folder, 'theirs', 'b', 'mine.png'), image(30));
    expect(await check(certificate, { file: join(folder, 'theirs') })).toMatchObject({ equal: [2], excluded: false });
  });

  it('also looks for what resembles the records, where that is asked for', async () => {
    const certificate = await run('csv');
    const near = (whose: Whose, how: Near): ReturnType<typeof checkExclusion> => checkExclusion(certificate, trustedKeys, whose, how);
    expect((await check(certificate, { id: 'p2' })).near).toBeUndefined();
    expect(await near({ id: 'p2' }, { tolerance: 0.5 })).toMatchObject({ near: [], excluded: true });
    // x = 2 and x = 5 are forgotten; 1, 3, 4 and 6 lie no further away than 1.
    expect(await near({ id: 'p2' }, { tolerance: 1 })).toMatchObject({ equal: [], near: [1, 3, 4, 6], excluded: false });
    writeFileSync(join(folder, 'theirs.csv'), 'id,x,y\nP7!,6.25,0\n');
    expect(await near({ file: join(folder, 'theirs.csv') }, { tolerance: 0.5 })).toMatchObject({ asked: 1, equal: [], near: [6], excluded: false });
    expect(await near({ file: join(folder, 'theirs.csv') }, { text: 'id' })).toMatchObject({ near: [7], excluded: false });
    await expect(near({ id: 'p2' }, { imageBits: 1 })).rejects.toMatchObject({ code: 'not-images' });
    const images = await run('images');
    // Pictures of one gray each have the same perceptual hash, but for the black one: of its 64 cells none is brighter than the mean.
    expect((await checkExclusion(images, trustedKeys, { id: 'p2' }, { imageBits: 0 })).near).toEqual([1, 3, 4, 6, 7]);
  });

  it('takes no certificate that was changed or whose signer is not trusted', async () => {
    const certificate = await run('npy');
    await expect(checkExclusion(certificate, [createKeyPair().publicKey], { id: 'p2' })).rejects.toMatchObject({ code: 'certificate-not-verified' });
    const bundle = JSON.parse(readFileSync(certificate, 'utf8')) as { dsseEnvelope: { payload: string } };
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8');
    bundle.dsseEnvelope.payload = Buffer.from(payload.replace('"count":2', '"count":3')).toString('base64');
    copyFileSync(certificate, `${certificate}.copy`);
    writeFileSync(certificate, JSON.stringify(bundle));
    await expect(check(certificate, { id: 'p2' })).rejects.toMatchObject({ code: 'certificate-not-verified' });
    copyFileSync(`${certificate}.copy`, certificate);
    expect((await check(certificate, { id: 'p2' })).excluded).toBe(true);
  });

  it('is a command that answers by its exit code', async () => {
    const certificate = await run('csv');
    const key = join(folder, 'key.pem');
    writeFileSync(key, publicKey);
    const command = async (...argv: string[]): Promise<readonly [number, string]> => {
      let text = '';
      const sink = new Writable({ write: (chunk: Buffer, _, done) => {
        text += chunk.toString('utf8');
        done();
      } });
      return [await commandLine(['check-excluded', certificate, ...argv], new Terminal(sink, sink)), text];
    };
    const [code, text] = await command('--id', 'p2', '--key', key);
    expect(code).toBe(0);
    expect(text).toContain('excluded: the retain set that the certificate commits to holds none of them');
    const [no, why] = await command('--column', 'id', '--id', 'p3', '--key', key);
    expect(no).toBe(1);
    expect(why).toContain('The retain set has 1 of them: record 3.');
    const stranger = join(folder, 'stranger.pem');
    writeFileSync(stranger, createKeyPair().publicKey);
    expect((await command('--id', 'p2', '--key', stranger))[0]).toBe(1);
    expect((await command('--record', '1', '--id', 'p2', '--key', key))[0]).toBe(2);
    expect((await command('--key', key))[0]).toBe(2);
    const [, json] = await command('--record', '5', '--key', key, '--json');
    expect(JSON.parse(json)).toMatchObject({ asked: 1, excluded: true });
  });
});
