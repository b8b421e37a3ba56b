import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installTensorFlow, type InstallOptions, type InstallStep } from '../../../src/run/tensorflow-install/install';
import { npm } from '../../../src/run/tensorflow-install/programs';

/**
 * The installation with an npm that stands in for the real one: it writes a package whose own installer ends as each test wants.
 * (That the real npm, PyPI and compiler do it is measured by hand: docs/engines.md.)
 */

let folder: string;
let bin: string;
const path = process.env['PATH'];
const python = process.env['PYTHON'];

beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'npm-'));
  writeFileSync(join(bin, 'npm'), `#!/bin/sh
echo "$@" >> npm-arguments
mkdir -p node_modules/@tensorflow/tfjs-node/scripts
cp "$INSTALLER" node_modules/@tensorflow/tfjs-node/scripts/install.js
`, { mode: 0o755 });
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-'));
  process.env['PATH'] = `${bin}${delimiter}${path ?? ''}`;
  process.env['PYTHON'] = join(folder, 'no-python');
});

afterEach(() => {
  process.env['PATH'] = path;
  if (python === undefined) delete process.env['PYTHON'];
  else process.env['PYTHON'] = python;
  rmSync(folder, { recursive: true, force: true });
});

afterAll(() => rmSync(bin, { recursive: true, force: true }));

interface Outcome {
  readonly steps: InstallStep[];
  readonly lines: string[];
  readonly error: unknown;
  readonly how: string | undefined;
}

async function install(installer: string, options: Partial<InstallOptions> = {}): Promise<Outcome> {
  writeFileSync(join(bin, 'installer.js'), installer);
  process.env['INSTALLER'] = join(bin, 'installer.js');
  const steps: InstallStep[] = [];
  const lines: string[] = [];
  let error: unknown;
  const how = await installTensorFlow({ folder: join(folder, 'tensorflow'), signal: new AbortController().signal, onStep: (step) => steps.push(step), onLine: (line) => lines.push(line), check: () => Promise.resolve(), ...options }).catch((thrown: unknown) => {
    error = thrown;
    return undefined;
  });
  return { steps, lines, error, how };
}

const installed = (): string[] => readdirSync(folder);

describe.skipIf(process.platform === 'win32')('installing TensorFlow', () => {
  it('runs no scripts but the package\'s own installer, tries the result out, and leaves it alone in its folder', async () => {
    const { steps, lines, error, how } = await install('console.log("the library is here")');
    expect(error).toBeUndefined();
    expect(how).toBe('prebuilt');
    expect(steps).toEqual(['package', 'library', 'check']);
    expect(lines).toContain('the library is here');
    expect(installed()).toEqual(['tensorflow']);
    expect(readFileSync(join(folder, 'tensorflow', 'npm-arguments'), 'utf8')).toBe('install --ignore-scripts --no-audit --no-fund --save-exact @tensorflow/tfjs-node@4.22.0\n');
  });

  it('says why it failed, both ways, and leaves nothing', async () => {
    const { error } = await install('console.error("Error: getaddrinfo ENOTFOUND storage.example"); process.exit(1)');
    expect(error).toMatchObject({ code: 'install-failed', message: expect.stringMatching(/prebuilt library could not be had: .*Error: getaddrinfo ENOTFOUND storage\.example/) as unknown });
    if (process.platform === 'linux' && process.arch === 'x64') expect(error).toMatchObject({ message: expect.stringMatching(/building it failed: python3 was not found$/) as unknown });
    expect(installed()).toEqual([]);
  });

  it('keeps an earlier installation where the new one does not work', async () => {
    mkdirSync(join(folder, 'tensorflow'));
    writeFileSync(join(folder, 'tensorflow', 'earlier'), '');
    const { error } = await install('', { from: 'prebuilt', check: () => Promise.reject(new Error('it does not compute')) });
    expect(error).toMatchObject({ message: 'it does not compute' });
    expect(installed()).toEqual(['tensorflow']);
    expect(existsSync(join(folder, 'tensorflow', 'earlier'))).toBe(true);
  });

  it('replaces an earlier installation by one that works', async () => {
    mkdirSync(join(folder, 'tensorflow'));
    writeFileSync(join(folder, 'tensorflow', 'earlier'), '');
    expect((await install('')).how).toBe('prebuilt');
    expect(existsSync(join(folder, 'tensorflow', 'earlier'))).toBe(false);
  });

  it('cancelled in the middle ends the installer and its children, and leaves nothing', async () => {
    const abort = new AbortController();
    const started = join(bin, 'child');
    rmSync(started, { force: true });
    const child = `require("node:fs").writeFileSync(${JSON.stringify(started)}, String(process.pid)); setInterval(() => {}, 1000)`;
    const running = install(`require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(child)}])`, { signal: abort.signal });
    while (!existsSync(started) || readFileSync(started, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 20));
    abort.abort();
    expect((await running).error).toMatchObject({ code: 'cancelled' });
    expect(installed()).toEqual([]);
    const pid = Number(readFileSync(started, 'utf8'));
    while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('cancelled before it began does nothing', async () => {
    expect(await install('', { signal: AbortSignal.abort() })).toMatchObject({ error: { code: 'cancelled' }, lines: [] });
    expect(installed()).toEqual([]);
  });

  it('removes what an installation left that was killed long ago, and no other', async () => {
    for (const name of ['.installing-old', '.installing-new']) mkdirSync(join(folder, name));
    utimesSync(join(folder, '.installing-old'), 0, 0);
    await install('');
    expect(installed().sort()).toEqual(['.installing-new', 'tensorflow']);
  });

  it('without npm says where npm comes from', async () => {
    process.env['PATH'] = folder;
    expect((await install('')).error).toMatchObject({ code: 'program-missing', message: expect.stringMatching(/Node\.js/) as unknown });
  });
});

describe('npm', () => {
  it('is run without a shell on Windows too: by the Node beside its batch file', () => {
    const there = [join('programs', 'node', 'npm.cmd'), join('programs', 'node', 'node.exe')];
    const { file, leading } = npm('win32', [join('programs', 'other'), join('programs', 'node')].join(delimiter), (name) => there.includes(String(name)));
    expect(file).toBe(join('programs', 'node', 'node.exe'));
    expect(leading).toEqual([join('programs', 'node', 'node_modules', 'npm', 'bin', 'npm-cli.js')]);
  });
});

/** A zombie, which nobody has waited for, is not alive. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
