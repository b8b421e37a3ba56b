import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { seeds } from '../../fuzz/data-seeds';
import { examineData } from '../../fuzz/examine-data';

/** Thousands of damaged ones, in processes of their own with their time and memory watched, are a command: `npm run fuzz -- --data`. */
test('the files that are damaged for the fuzzer are sound, all of them: each is shown, opened, read and selected from', async () => {
  const outcomes: Record<string, string> = {};
  for (const [name, make] of seeds) {
    const { files, source, forget } = await make();
    const folder = await mkdtemp(join(tmpdir(), 'sound-'));
    for (const [file, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), bytes);
    }
    outcomes[name] = await examineData(folder, source, forget);
    await rm(folder, { recursive: true });
  }
  // A table without rows, whose metadata can be damaged all the same.
  expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'data')).toEqual([['Arrow without rows', 'data-empty']]);
});
