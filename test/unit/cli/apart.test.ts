import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApart } from '../../../src/cli/apart';
import { commandLineApart } from '../../../src/cli/command-line';
import { Terminal } from '../../../src/cli/terminal';
import { userError } from '../data/sources';

/** A process apart in place of this program, which does what native code does with some damaged files, or does not. */
let folder: string;
const program = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'apart-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const crashing = "process.kill(process.pid, 'SIGSEGV'); setTimeout(() => {}, 100_000);";

describe('what reads data', () => {
  test('gives its exit code, and knows that it is apart', async () => {
    const arguments_ = program('code.js', "process.exit(process.argv.slice(2).join() === 'preview,x' && process.env.CERTIFIED_UNLEARNING_APART === '1' ? 1 : 7);");
    expect(await runApart(arguments_, ['preview', 'x'])).toBe(1);
    expect(await runApart(arguments_, ['preview', 'y'])).toBe(7);
  });

  test.skipIf(process.platform === 'win32')('may crash, which is told as an error of the data', async () => {
    const error = await userError(runApart(program('crash.js', crashing), ['preview', 'x']), 'reader-died');
    expect(error.message).toContain('SIGSEGV');
    expect(error.remedy).toContain('damaged');
  });

  test.skipIf(process.platform === 'win32')('may be interrupted, which is no error', async () => {
    expect(await runApart(program('interrupt.js', crashing.replace('SIGSEGV', 'SIGINT')), [])).toBe(130);
  });

  test.skipIf(process.platform === 'win32').each([
    [['preview', 'x.unlearn.json', '--json']],
    [['inspect', 'x.duckdb', '--json']],
    [['receipt', 'x', '--id', '1', '--json']],
    [['check-excluded', 'x', '--id', '1', '--json']],
    [['verify', 'x', '--data', '--json']],
  ])('is in a process apart: %j', async (argv) => {
    const out = new PassThrough();
    expect(await commandLineApart(program('crash.js', crashing), argv, new Terminal(out, new PassThrough()))).toBe(1);
    expect(JSON.parse(String(out.read()))).toMatchObject({ error: { code: 'reader-died' } });
  });

  test('is in no process apart where nothing of it reads data', async () => {
    const out = new PassThrough();
    expect(await commandLineApart(program('crash.js', crashing), ['verify', '--help'], new Terminal(out, new PassThrough()))).toBe(0);
    expect(String(out.read())).toContain('verify CERTIFICATE');
  });
});
