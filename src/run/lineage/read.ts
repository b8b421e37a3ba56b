import { readFile } from 'node:fs/promises';
import { genuineCertificate } from '../../certificate/genuine-certificate';
import type { TrustedKey } from '../../certificate/open-bundle';
import { verifySuccessor } from '../../certificate/successor';
import type { Lineage } from '../../protocol/certificate-messages';
import { findPrivateRun } from '../private-run';
import type { KnownRelease, KnownSuccessor } from './origin';
import { traceLineage } from './trace';

export interface LineageFiles {
  /** Absolute paths. */
  readonly certificates: readonly string[];
  readonly successors: readonly string[];
  readonly trustedKeys: readonly TrustedKey[];
  readonly nameOf: (path: string) => string;
}

/** The lineage of a certificate among others, as far as they are signed with trusted keys and can be read; undefined if it is not one of these itself. */
export async function readLineage(current: string, { certificates, successors, trustedKeys, nameOf }: LineageFiles): Promise<Lineage | undefined> {
  const releases: KnownRelease[] = [];
  for (const path of new Set([current, ...certificates])) {
    const bytes = await read(path);
    const genuine = bytes === undefined ? undefined : genuineCertificate(bytes, trustedKeys);
    if (bytes === undefined || genuine === undefined || 'detail' in genuine) continue;
    releases.push({ path, digest: genuine.digest, statement: genuine.statement, run: await findPrivateRun(path, bytes).catch(() => undefined) });
  }
  const known: KnownSuccessor[] = [];
  for (const path of successors) {
    const bytes = await read(path);
    // Which certificate it belongs to is in it: any will do to read it with its signature checked.
    const successor = bytes === undefined ? undefined : (await verifySuccessor(bytes, new Uint8Array(), trustedKeys, () => Promise.resolve(undefined))).successor;
    if (successor !== undefined) known.push({ path, training: successor.predicate.training, certificate: successor.predicate.certificate.sha256, files: successor.subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 })) });
  }
  return traceLineage(current, releases, known, nameOf);
}

async function read(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch(() => undefined);
}
