import { access, copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../error';

export interface Publication {
  readonly staged: string;
  readonly destination: string;
}

/** Refuses to go on where a run would overwrite something, before any time is spent. */
export async function refuseExisting(destinations: readonly string[], overwrite: boolean): Promise<void> {
  if (overwrite) {
    return;
  }
  for (const path of destinations) {
    const exists = await access(path).then(() => true, () => false);
    if (exists) {
      throw new UserError('output-exists', 'there is already a file where the result would go', { file: path, remedy: 'Give another output in the request, or allow overwriting (--overwrite).' });
    }
  }
}

/**
 * Puts staged files in their places: each is synced, then renamed, in the given order (the certificate last).
 * If one cannot be placed, those already placed are put back as they were and the error is thrown.
 */
export async function publish(files: readonly Publication[]): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const { staged, destination } of files) {
      await sync(staged);
      await mkdir(dirname(destination), { recursive: true });
      const backup = join(dirname(staged), `replaced-${undo.length}-${basename(destination)}`);
      const replaced = await copyFile(destination, backup).then(() => true, () => false);
      await move(staged, destination);
      undo.push(() => (replaced ? move(backup, destination) : rm(destination, { force: true })));
    }
  } catch (cause) {
    for (const step of undo.reverse()) {
      await step();
    }
    throw new UserError('output-unwritable', `the result could not be written (${cause instanceof Error ? cause.message : String(cause)}); nothing was changed`, { remedy: 'Make room on the disk or its folder writable, and run again.', cause });
  }
}

/** A rename; across disks a copy beside the destination first, so that the last act is a rename still. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) {
      throw error;
    }
    const beside = join(dirname(to), `.${basename(to)}.${process.pid}.tmp`);
    await copyFile(from, beside);
    await sync(beside);
    await rename(beside, to);
    await rm(from, { force: true });
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
