import { availableParallelism } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import type { NoiseAheadOptions } from '../../../src/engine/noise/noise-ahead';
import { NoiseAhead } from '../../../src/engine/noise/noise-ahead';
import { CryptographicNoise } from '../../../src/engine/noise/cryptographic-noise';
import { NoiseInBlocks } from '../../../src/engine/noise/noise-in-blocks';
import type { NoiseSource, NoiseStream } from '../../../src/engine/noise/noise-source';
import { noiseStream } from '../../../src/engine/noise/noise-stream';

const length = 1000;
const open: NoiseStream[] = [];
const ahead = (options?: NoiseAheadOptions): NoiseAhead => {
  const stream = new NoiseAhead(length, options);
  open.push(stream);
  return stream;
};
/** A thread that does `work` with every buffer it is sent. */
const thread = (work: string): string => `const { parentPort: port } = require('node:worker_threads'); port.on('message', ({ number, content: buffer }) => { ${work} });`;

afterEach(async () => {
  for (const stream of open.splice(0)) await stream.close();
});

test('a vector is gone as soon as the next one is asked for, and the next one is new in every coordinate', async () => {
  const stream = ahead();
  const first = await stream.next();
  const copy = first.slice();
  expect(copy).toHaveLength(length);
  const pending = stream.next();
  expect(first).toHaveLength(0);
  const second = await pending;
  expect(second).toHaveLength(length);
  // Two independent float32 normals agree about once in 10⁷ pairs; two such pairs among a thousand: 1e-8.
  expect(second.filter((value, index) => value === copy[index]).length).toBeLessThan(2);
});

test('a thousand draws are a thousand different ones', async () => {
  const stream = ahead();
  const seen = new Set<string>();
  for (let draw = 0; draw < 1000; draw++) seen.add((await stream.next()).slice(0, 4).join());
  expect(seen.size).toBe(1000);
});

test('asking again before the noise has come is refused, and the draw under way is not disturbed', async () => {
  const stream = ahead();
  const first = stream.next();
  await expect(stream.next()).rejects.toThrow(RangeError);
  expect(await first).toHaveLength(length);
});

test.each([
  ['throws', thread("throw new Error('no entropy')"), 'no entropy'],
  ['ends in the middle of a draw', thread('new Float32Array(buffer, 0, 500).fill(1); process.exit(0)'), 'its thread ended'],
  ['hands over part of a vector', thread('port.postMessage({ number, content: buffer.slice(0, 2000) })'), 'not asked for'],
  ['hands over something else', thread("port.postMessage('noise')"), 'not asked for'],
  ['answers another draw', thread('port.postMessage({ number: number + 1, content: buffer }, [buffer])'), 'not asked for'],
  ['does not start', 'syntax error', 'Unexpected'],
])('a thread that %s stops the run for good', async (_, script, message) => {
  const stream = ahead({ script });
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed', message: expect.stringContaining(message) as unknown });
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed' });
});

test('a thread that hands a vector over twice stops the run: the second one is never used', async () => {
  const stream = ahead({ script: thread('port.postMessage({ number, content: buffer.slice(0) }); port.postMessage({ number, content: buffer })') });
  expect(await stream.next()).toHaveLength(length);
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed', message: expect.stringContaining('not asked for') as unknown });
});

test('a thread that does not answer is given up', async () => {
  await expect(ahead({ script: thread(''), patience: 20 }).next()).rejects.toMatchObject({ code: 'noise-failed', message: expect.stringContaining('did not answer within 0.02 seconds') as unknown });
});

test('an answer that came while this thread was busy counts, however long that took', async () => {
  const stream = ahead({ patience: 300 });
  await stream.next();
  const pending = stream.next();
  const end = performance.now() + 600;
  while (performance.now() < end);
  expect(await pending).toHaveLength(length);
});

test('closing wipes the noise, ends the thread, and nothing comes afterwards', async () => {
  const stream = ahead();
  const last = await stream.next();
  await stream.close();
  expect(last).toHaveLength(length);
  expect(last.every((value) => value === 0)).toBe(true);
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed' });

  const unread = ahead();
  const pending = unread.next();
  await unread.close();
  // The draw under way was let finish, so that its noise could be wiped too.
  expect((await pending).every((value) => value === 0)).toBe(true);
});

test('closing does not wait for a thread that hangs', async () => {
  const stream = ahead({ script: thread('while (true);'), patience: 50 });
  const pending = stream.next();
  await stream.close();
  await expect(pending).rejects.toMatchObject({ code: 'noise-failed', message: expect.stringMatching(/closed|did not answer/) as unknown });
});

test('a source of a test is asked at the call, once a vector, and its vector is wiped', async () => {
  let calls = 0;
  const counting: NoiseSource = { fill: (into) => void into.fill(++calls) };
  const stream = noiseStream(counting, 1 << 20, 1000);
  expect((await stream.next())[0]).toBe(1);
  const second = await stream.next();
  expect(second[7]).toBe(2);
  await stream.close();
  expect(second.every((value) => value === 0)).toBe(true);
});

test('a vector drawn ahead is handed over at once, and the one before is gone by then', async () => {
  const stream = ahead({ twice: true });
  const seen = new Set<string>();
  let before: Float32Array | undefined;
  for (let draw = 0; draw < 300; draw++) {
    const vector = await stream.next();
    expect(before ?? []).toHaveLength(0);
    expect(vector).toHaveLength(length);
    seen.add(vector.slice(0, 4).join());
    before = vector;
  }
  expect(seen.size).toBe(300);
  await stream.close();
  expect(before?.every((value) => value === 0)).toBe(true);
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed' });
});

test('asking twice at once for noise that is drawn ahead is refused, and what is in use stays', async () => {
  const stream = ahead({ twice: true });
  const first = stream.next();
  await expect(stream.next()).rejects.toThrow(RangeError);
  expect(await first).toHaveLength(length);
  expect(await stream.next()).toHaveLength(length);
});

test('a thread that stops while it draws ahead stops the run at the next draw', async () => {
  const stream = ahead({ twice: true, script: thread("if (number > 1) process.exit(0); port.postMessage({ number, content: buffer }, [buffer])") });
  expect(await stream.next()).toHaveLength(length);
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed', message: expect.stringContaining('its thread ended') as unknown });
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed' });
});

test('vectors of a block are used one by one, each once, and are gone as soon as the next is asked for', async () => {
  // Blocks of three vectors in which every number is its place among all that were ever drawn, from 1.
  const counting = 'const values = new Float32Array(buffer); for (let index = 0; index < 12; index++) values[index] = (number - 1) * 12 + index + 1; port.postMessage({ number, content: buffer }, [buffer])';
  const stream = new NoiseInBlocks(4, 3, { script: thread(counting) });
  open.push(stream);
  let before: Float32Array | undefined;
  for (let vector = 0; vector < 10; vector++) {
    const drawn = await stream.next();
    expect([...drawn]).toEqual([1, 2, 3, 4].map((place) => 4 * vector + place));
    // Zeros, or nothing where the block was given away.
    expect(before === undefined || before.length === 0 || before.every((value) => value === 0)).toBe(true);
    before = drawn;
  }
  await stream.close();
  expect(before?.every((value) => value === 0)).toBe(true);
  await expect(stream.next()).rejects.toMatchObject({ code: 'noise-failed' });
});

test('noise is drawn on a thread where there is much of it, many short vectors at a time', () => {
  const source = new CryptographicNoise();
  const kinds = ([[1000, 100], [1000, 100_000], [200_000, 1000], [1_000_000, 5]] as const).map(([size, count]) => {
    const stream = noiseStream(source, size, count);
    open.push(stream);
    return stream.constructor.name;
  });
  const apart = availableParallelism() > 1;
  expect(kinds).toEqual(['NoiseAtCall', apart ? 'NoiseInBlocks' : 'NoiseAtCall', apart ? 'NoiseAhead' : 'NoiseAtCall', 'NoiseAtCall']);
});
