import { openDataset } from '../../src/data/open-dataset';
import { selectForget } from '../../src/data/select-forget';
import type { ForgetSpec, SourceSpec } from '../../src/data/source-spec';
import { UserError } from '../../src/error';
import { inspectData } from '../../src/run/inspect-data';

/** Milliseconds for a condition or for the texts of a block: a minute unless the caller says otherwise, for which nobody waits here. */
const timeLimit = 3000;
/** Records whose scaled features are asked for, some thousand at a time. */
const batch = 1024;

/**
 * Does with files what the program does with data: shows what is in them; opens the records, reads and hashes all of them; finds those to forget.
 * @returns `data`, or the code of the typed error that it ended with. Whatever else is thrown is a defect.
 */
export async function examineData(folder: string, source: SourceSpec, forget: ForgetSpec): Promise<string> {
  try {
    const { problems } = await inspectData({ source, folder, field: 'data' });
    const dataset = await openDataset(source, { base: folder, workspace: folder, timeLimit });
    for (let first = 0; first < dataset.count; first += batch) {
      await dataset.read(Uint32Array.from({ length: Math.min(batch, dataset.count - first) }, (_, index) => first + index));
    }
    await dataset.digests();
    await selectForget(source, dataset.count, forget, { base: folder, workspace: folder, timeLimit, dataset });
    return problems[0]?.code ?? 'data';
  } catch (error) {
    if (error instanceof UserError) return error.code;
    throw error;
  }
}
