import { prepareZstd } from '../../src/data/zstd-frame';
import { damaged, randomOf } from './damage';
import { seeds } from './data-seeds';
import { examineData } from './examine-data';
import type { Case, Subject } from './subject';

/** The same damage every time, for the same seed and round: to one of the files that the seed names for it. */
async function caseOf(seed: number, round: number): Promise<Case> {
  const [name, make] = seeds[seed % seeds.length] ?? ['', undefined];
  if (make === undefined) throw new RangeError(`there is no seed ${seed}`);
  await prepareZstd();
  const { files, source, forget, harmed } = await make();
  const random = randomOf(seed, round);
  const names = harmed ?? Object.keys(files);
  const chosen = names[random(names.length)];
  return {
    seed: name,
    files: Object.entries(files).map(([file, bytes]) => ({ name: file, bytes: file === chosen ? damaged(Buffer.from(bytes), random) : bytes })),
    examine: (folder) => examineData(folder, source, forget),
  };
}

/** DuckDB trusts its own files, once their checksums are right. */
function mayEndProcess(seed: number): boolean {
  return seeds[seed % seeds.length]?.[0] === 'DuckDB';
}

export const data: Subject = { seedCount: seeds.length, caseOf, mayEndProcess };
