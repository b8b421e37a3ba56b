import { withInputFiles } from '../input-files';
import type { RunResult } from '../protocol/engine-protocol';
import { loadRequest } from '../request/load-request';
import { checkpointOf } from './checkpoint-inputs';
import type { UnlearnOptions } from './unlearn-request';

/**
 * Runs the request in a file: as the numbers of a checkpoint stream by where its method needs no gradients, else by training its model.
 * Neither loads the other's libraries. Everything is written into `staging` and nothing anywhere else.
 * Throws `UserError`; also when aborted (`cancelled`).
 */
export async function runRequestFile(path: string, staging: string, options: UnlearnOptions): Promise<RunResult> {
  options.onProgress({ phase: 'loading', step: 0, steps: 1 });
  return withInputFiles(async () => {
    const loaded = await loadRequest(path);
    const checkpoint = await checkpointOf(loaded);
    if (checkpoint !== undefined) return (await import('./unlearn-checkpoint')).unlearnCheckpoint(loaded, checkpoint, staging, options);
    return (await import('./unlearn-request')).unlearnRequest(loaded, staging, options);
  });
}
