import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as accountant from '../../../src/privacy/gaussian-dp';
import { pageOptions } from '../../../esbuild.js';

const root = join(__dirname, '../../..');

/** A module as it is built for pages, in a context that has what a browser has. */
async function builtForPages<T>(contents: string): Promise<T> {
  const { outputFiles } = await build({ ...pageOptions, stdin: { contents, resolveDir: root, loader: 'ts' }, bundle: true, format: 'iife', target: 'es2022', write: false, globalName: 'built', minify: true });
  const context = createContext({ Float64Array, Uint32Array, Uint16Array, Uint8Array, BigInt64Array, Int32Array });
  runInContext(outputFiles[0]?.text ?? '', context);
  return (context as { built: T }).built;
}

describe('the build for pages, which leaves out what pages do not use', () => {
  let page: { readonly accountant: typeof accountant; readonly scaleLinear: (domain: number[], range: number[]) => ((value: number) => number) & { invert(value: number): number; ticks(count: number): number[] } };
  beforeAll(async () => {
    page = await builtForPages(`export * as accountant from './src/privacy/gaussian-dp'; export { scaleLinear } from 'd3-scale';`);
  });

  it('accounts to the last bit as everything else does', () => {
    for (const mu of [1e-6, 0.01, 0.268, 1, 3.7, 12, 60]) {
      for (const delta of [1e-300, 1e-12, 1e-5, 0.01]) expect(page.accountant.epsilonFromMu(mu, delta)).toBe(accountant.epsilonFromMu(mu, delta));
    }
    for (const epsilon of [0.01, 0.5, 1, 8, 100]) expect(page.accountant.muFromTarget(epsilon, 1e-5)).toBe(accountant.muFromTarget(epsilon, 1e-5));
  });

  it('scales numbers there and back', () => {
    const scale = page.scaleLinear([1, 101], [64, 614]);
    expect([scale(1), scale(51), scale(101), scale.invert(339)]).toEqual([64, 339, 614, 51]);
    expect(scale.ticks(4)).toEqual([20, 40, 60, 80, 100]);
  });
});
