import { chmod, mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Holds what must never be shared: run reports, salts, files in the making. Owner-only, and ignored by git. */
export const PRIVATE_FOLDER = '.certified-unlearning';

const STAGING = /^staging-(\d+)-/;

/** The private folder beside a request, made if need be. */
export async function ensurePrivateFolder(folder: string): Promise<string> {
  const path = join(folder, PRIVATE_FOLDER);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  await writeFile(join(path, '.gitignore'), '*\n', { mode: 0o600 });
  return path;
}

/** An empty owner-only folder for one run, on the same disk as the request. Folders of runs whose host died are removed first. */
export async function createStaging(folder: string): Promise<string> {
  const path = await ensurePrivateFolder(folder);
  for (const name of await readdir(path)) {
    const owner = STAGING.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) {
      await rm(join(path, name), { recursive: true, force: true });
    }
  }
  return mkdtemp(join(path, `staging-${process.pid}-`));
}

/** Removes a staging folder with all in it, and the private folder too if nothing else is kept there. */
export async function removeStaging(staging: string): Promise<void> {
  await rm(staging, { recursive: true, force: true });
  const path = dirname(staging);
  const left = await readdir(path).catch(() => ['unreadable']);
  if (left.length === 1 && left[0] === '.gitignore') {
    await rm(join(path, '.gitignore'), { force: true });
    await rmdir(path).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
