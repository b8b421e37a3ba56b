import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineState } from '../../src/protocol/engine-settings';

/** The engines as the built command line lists and uses them, on the shipped example. */

const cli = resolve('dist', 'cli.js');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engines-'));
  cpSync(join('examples', 'mnist'), folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number | null;
  readonly output: Record<string, unknown>;
}

/** In the example's folder, so that no package of this repository counts as the user's. */
function command(args: readonly string[], env: Record<string, string> = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args, '--json'], { cwd: folder, encoding: 'utf8', env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'home'), ...env }, maxBuffer: 1 << 26 });
  expect(stdout, stderr).not.toBe('');
  return { status, output: JSON.parse(stdout) as Record<string, unknown> };
}

function request(name: string, changes: object): string {
  const path = join(folder, `${name}.unlearn.json`);
  const shipped = JSON.parse(readFileSync(join(folder, 'forget-c17.unlearn.json'), 'utf8')) as { method: object; data: { train: object } };
  writeFileSync(path, JSON.stringify({ ...shipped, data: { train: shipped.data.train }, method: { ...shipped.method, steps: 3 }, recovery: { epochs: 0 }, output: `${name}/model.json`, ...changes }));
  return path;
}

function predicateOf(certificate: string): { engine: { name: string; versions: Record<string, string> } } {
  const bundle = JSON.parse(readFileSync(certificate, 'utf8')) as { dsseEnvelope: { payload: string } };
  return (JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8')) as { predicate: ReturnType<typeof predicateOf> }).predicate;
}

describe('the list of engines', () => {
  it('says of each what is there with its versions, or what is missing and what to do', () => {
    const { status, output } = command(['engines']);
    expect(status).toBe(0);
    const states = output as unknown as readonly EngineState[];
    expect(states.find(({ engine, backend }) => engine === 'onnxruntime' && backend === 'cpu')).toMatchObject({ title: 'ONNX Runtime on cpu', available: true, versions: { 'onnxruntime-node': '1.30.0' } });
    expect(states.find(({ backend }) => backend === 'wasm')).toMatchObject({ available: true, versions: { '@tensorflow/tfjs': '4.22.0' } });
    for (const state of states) {
      if (!state.available) expect([state.problem, state.remedy].every((text) => text.length > 10)).toBe(true);
    }
  });

  it('says why a native TensorFlow that is named does not work', () => {
    const states = command(['engines', '--tensorflow', 'nowhere']).output as unknown as readonly EngineState[];
    expect(states.find(({ backend }) => backend === 'native')).toMatchObject({ available: false, problem: expect.stringMatching(/nowhere does not load/) as unknown });
  });
});

describe('a run', () => {
  it('on the bundled WebAssembly backend gives a certificate that verifies and names it', () => {
    const { status, output } = command(['run', request('wasm', { engine: 'tensorflow' })]);
    expect(status, JSON.stringify(output)).toBe(0);
    expect(predicateOf(String(output['certificate'])).engine).toMatchObject({ name: 'tensorflow', versions: { backend: '@tensorflow/tfjs-backend-wasm' } });
    expect(command(['verify', String(output['certificate'])]).status).toBe(0);
  });

  it('takes the number of threads that a flag gives, and names the execution provider on its certificate', () => {
    const { status, output } = command(['run', request('threads', { engine: 'onnxruntime' }), '--threads', '1', '--provider', 'cpu']);
    expect(status, JSON.stringify(output)).toBe(0);
    expect(predicateOf(String(output['certificate'])).engine).toEqual({ name: 'onnxruntime', versions: { 'onnxruntime-node': '1.30.0', 'execution provider': 'cpu' } });
    expect(output['engineReason']).toBe('onnxruntime was asked for');
  });

  it.each([
    ['a flag', ['--provider', 'abacus'], {}],
    ['the environment', [], { CERTIFIED_UNLEARNING_PROVIDER: 'abacus' }],
  ] as const)('with an execution provider, from %s, that is not there stops with the reason, whatever the request\'s engine', (_from, flags, env) => {
    const { status, output } = command(['run', request('refused', { engine: 'auto' }), ...flags], env);
    expect(status).toBe(2);
    expect(output['error']).toMatchObject({ code: 'engine-missing', message: expect.stringMatching(/no execution provider "abacus"/) as unknown });
  });

  it('with a TensorFlow folder that does not work stops with the reason', () => {
    const { status, output } = command(['run', request('refused', { engine: 'tensorflow' })], { CERTIFIED_UNLEARNING_TENSORFLOW: folder });
    expect(status).toBe(2);
    expect(output['error']).toMatchObject({ code: 'engine-missing' });
  });

  it('tells of a native TensorFlow that it finds in its folder and that does not load', () => {
    const broken = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'package.json'), '{ "name": "@tensorflow/tfjs-node", "main": "index.js" }');
    writeFileSync(join(broken, 'index.js'), 'throw new Error("no library")');
    const { status, output } = command(['run', request('told', { engine: 'tensorflow' })]);
    rmSync(join(folder, 'node_modules'), { recursive: true });
    expect(status, JSON.stringify(output)).toBe(0);
    expect(output['engineReason']).toMatch(/tfjs-node does not load: no library$/);
  });

  it.each(['0', '1.5', 'two'])('refuses "%s" as a number of threads', (threads) => {
    expect(command(['run', 'any.unlearn.json', '--threads', threads])).toMatchObject({ status: 2, output: { error: { code: 'bad-arguments' } } });
  });
});
