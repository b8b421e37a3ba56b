import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEngine, openEngine } from '../../../src/engine/engines';
import { findNative, packageIn } from '../../../src/engine/tensorflow/native';
import { openTensorFlow } from '../../../src/engine/tensorflow/open';
import { mlp } from './models';

const program = mlp([3, 4, 2], 5);
const inside = join('node_modules', '@tensorflow', 'tfjs-node');
let broken: string;

/** A folder with a tfjs-node that npm has installed without its library, as happens where the download fails. */
beforeAll(() => {
  broken = mkdtempSync(join(tmpdir(), 'broken-'));
  mkdirSync(join(broken, inside), { recursive: true });
  writeFileSync(join(broken, inside, 'package.json'), '{ "name": "@tensorflow/tfjs-node", "version": "0.0.0", "main": "index.js" }');
  writeFileSync(join(broken, inside, 'index.js'), 'throw new Error("the library is not there\\nand more");');
});

afterAll(() => rmSync(broken, { recursive: true, force: true }));

describe('what is asked for by name', () => {
  it.each(['auto', 'onnxruntime'] as const)('an execution provider that is not there is an error, never another one or another engine (engine %s)', async (choice) => {
    await expect(chooseEngine(choice, program, { onnxruntime: { executionProvider: 'abacus' } })).rejects.toMatchObject({ code: 'engine-missing', message: expect.stringMatching(/no execution provider "abacus".*cpu/) as unknown, remedy: expect.stringMatching(/certified-unlearning engines/) as unknown });
  });

  it.each(['auto', 'tensorflow'] as const)('a folder without a working package is an error, never WebAssembly (engine %s)', async (choice) => {
    await expect(chooseEngine(choice, program, { tensorflow: { nativeFolder: broken } })).rejects.toMatchObject({ code: 'engine-missing', message: expect.stringMatching(/does not load: the library is not there$/) as unknown });
    await expect(openEngine('tensorflow', { tensorflow: { nativeFolder: '/nowhere' } })).rejects.toMatchObject({ code: 'engine-missing' });
  });

  it('does not stand in the way of the other engine', async () => {
    const { engine, session } = await chooseEngine('onnxruntime', program, { tensorflow: { nativeFolder: '/nowhere' } });
    expect(engine.name).toBe('onnxruntime');
    await session.dispose();
  });
});

describe('a native TensorFlow that is found', () => {
  it('is the one of the first place that has it, or in the folder named itself', () => {
    expect(findNative(['/nowhere', broken])).toBe(join(broken, inside));
    expect(packageIn(broken)).toBe(join(broken, inside));
    expect(packageIn(join(broken, inside))).toBe(join(broken, inside));
  });

  it('and does not load is told, and WebAssembly runs instead', async () => {
    const { engine, session, reason } = await chooseEngine('tensorflow', program, { tensorflow: { nativePlaces: [broken] } });
    expect(engine.versions).toMatchObject({ backend: '@tensorflow/tfjs-backend-wasm' });
    expect(reason).toBe(`tensorflow was asked for; the native TensorFlow in ${join(broken, inside)} does not load: the library is not there`);
    await session.dispose();
  });

  it('is not looked at where WebAssembly was asked for', async () => {
    expect((await openTensorFlow({ backend: 'wasm', nativePlaces: [broken] })).note).toBeUndefined();
  });
});

describe('a model of more than four million parameters', () => {
  // 2048·2048 + 2048 and 2048·2 + 2: 4,200,450.
  const large = mlp([2048, 2048, 2], 2);

  it('is not loaded into a second engine to compare them, which is told', async () => {
    const { engine, session, reason } = await chooseEngine('auto', large);
    expect(engine.name).toBe('onnxruntime');
    expect(reason).toMatch(/^onnxruntime takes [\d.e+]+ ms a step; tensorflow was not tried, to spare memory: the model has 4,200,450 parameters$/);
    await session.dispose();
  });

  it('but into one that was asked for by name: what is named has to work', async () => {
    await expect(chooseEngine('auto', large, { tensorflow: { nativeFolder: broken } })).rejects.toMatchObject({ code: 'engine-missing' });
  });
});
