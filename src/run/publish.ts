import { constants } from 'node:fs';
import { access, copyFile, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeBundle } from '../certificate/bundle';
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
      throw existing(path);
    }
  }
}

function existing(path: string): UserError {
  return new UserError('output-exists', 'there is already a file where the result would go', { file: path, remedy: 'Give another output in the request, or allow overwriting (--overwrite).' });
}

/** Only the certificate of an earlier run may be replaced by a certificate. Throws `UserError` `not-a-certificate`. */
export async function refuseForeign(certificate: string): Promise<void> {
  const bytes = await readFile(certificate).catch(() => undefined);
  if (bytes === undefined) return;
  try {
    decodeBundle(bytes);
  } catch (cause) {
    throw new UserError('not-a-certificate', 'there is another file where the certificate would go', { file: certificate, remedy: 'Choose another path for "certificate", or move the file away.', cause });
  }
}

/**
 * Puts staged files in their places: each is synced, then renamed, in the given order (the certificate last).
 * If one cannot be placed, those already placed are put back as they were and the error is thrown.
 * Throws `UserError` `output-unwritable`; `output-exists` where something came to be there in the meantime and may not be replaced.
 */
export async function publish(files: readonly Publication[], overwrite: boolean): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const { staged, destination } of files) {
      await sync(staged);
      await mkdir(dirname(destination), { recursive: true });
      const backup = join(dirname(staged), `replaced-${undo.length}-${basename(destination)}`);
      const replaced = overwrite && (await copyFile(destination, backup).then(() => true, () => false));
      await (overwrite ? move(staged, destination) : place(staged, destination));
      undo.push(() => (replaced ? move(backup, destination) : rm(destination, { force: true })));
    }
  } catch (cause) {
    for (const step of undo.reverse()) {
      await step();
    }
    if (cause instanceof UserError) throw cause;
    throw new UserError('output-unwritable', `the result could not be written (${cause instanceof Error ? cause.message : String(cause)}); nothing was changed`, { remedy: 'Make room on the disk or its folder writable, and run again.', cause });
  }
}

/** As `move`, but never in the place of another file: two runs may end at the same time. */
async function place(from: string, to: string): Promise<void> {
  try {
    await link(from, to).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw error;
      // Another disk, or one without hard links.
      await copyFile(from, to, constants.COPYFILE_EXCL);
      await sync(to);
    });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw existing(to);
    throw error;
  }
  await rm(from, { force: true });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A rename; across disks a copy beside the destination first, so that the last act is a rename still. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') {
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
