import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestsOf } from '../../../src/model/hdf5/scrub';
import { SymbolTable } from '../../../src/model/hdf5/unlink';
import { canEraseUnused, eraseUnused } from '../../../src/model/hdf5/unused-space';
import { withHdf5, readDataset } from '../../../src/model/hdf5/container';
import { openModel } from '../../../src/model/open-model';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as hdf5 from 'h5wasm';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'models');
const bytesOf = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(join(fixtures, name)));

/** Groups of optimisers are unlinked, as somebody would who wants to be rid of them. What they held, of some size, is returned. */
async function withoutOptimizer(bytes: Uint8Array): Promise<{ readonly after: Uint8Array; readonly state: readonly Uint8Array[] }> {
  const { result } = await withHdf5(bytes, 'x.h5', 'r', (root) => {
    const inside = root.paths().filter((path) => path.startsWith('optimizer')).map((path) => root.get(path));
    return {
      groups: root.keys().filter((name) => name.startsWith('optimizer')),
      state: inside.filter((entity) => entity instanceof hdf5.Dataset).map(readDataset).filter((numbers) => numbers.length >= 32),
    };
  });
  const after = bytes.slice();
  for (const group of result.groups) new SymbolTable(after).unlink(group);
  return { after, state: result.state };
}

const holds = (bytes: Uint8Array, part: Uint8Array): boolean => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(Buffer.from(part));

describe('what nothing in an HDF5 file refers to', () => {
  it.each(['adapted2.h5', 'batchnorm.h5', 'branches.h5', 'compressed.h5', 'keras3.h5', 'layers.h5', 'sequences.h5', 'tabular.h5'])('is erased from %s, and all else is as it was', async (name) => {
    const { after } = await withoutOptimizer(await bytesOf(name));
    const erased = after.slice();
    eraseUnused(erased);
    expect(erased).toHaveLength(after.length);
    expect(await digestsOf(erased, name)).toEqual(await digestsOf(after, name));
  });

  it('is what the optimiser left, once its group was deleted', async () => {
    const { after, state } = await withoutOptimizer(await bytesOf('keras3.h5'));
    expect(state.length).toBeGreaterThan(0);
    for (const numbers of state) expect(holds(after, numbers)).toBe(true);
    eraseUnused(after);
    for (const numbers of state) expect(holds(after, numbers) && numbers.some((byte) => byte !== 0)).toBe(false);
  });

  it('is also what follows the end of the file', async () => {
    const bytes = await bytesOf('tabular.h5');
    const longer = new Uint8Array([...bytes, ...Buffer.from('forgotten: alice')]);
    eraseUnused(longer);
    expect(holds(longer, Buffer.from('alice'))).toBe(false);
  });

  it('cannot be told in files of another structure, which are left alone', async () => {
    const bytes = await bytesOf('tabular.h5');
    bytes[8] = 2;
    const before = bytes.slice();
    expect(canEraseUnused(bytes)).toBe(false);
    expect(() => eraseUnused(bytes)).toThrow(RangeError);
    expect(bytes).toEqual(before);
  });

  it('is not carried into a released model', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unused-'));
    try {
      const { after, state } = await withoutOptimizer(await bytesOf('keras3.h5'));
      await writeFile(join(folder, 'model.h5'), after);
      const model = await openModel(join(folder, 'model.h5'));
      expect(model.unusedSpaceKept).toBe(false);
      const [written] = await model.write(new Map());
      for (const numbers of state.filter((part) => part.some((byte) => byte !== 0))) expect(holds(written?.bytes ?? after, numbers)).toBe(false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
