import { basename, dirname, join, posix } from 'node:path';
import { commitToFiles } from '../../certificate/salted-commitment';
import type { Statement } from '../../certificate/statement';
import { fileDigest } from '../file-digest';
import type { PrivateRun } from '../private-run';

/** A file of a model: its name, and its SHA-256 in hex. */
export interface ModelFile {
  readonly name: string;
  readonly sha256: string;
}

/** A certificate that is signed with a trusted key, with what its owner keeps where that is at hand. */
export interface KnownRelease {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 in hex of the signed statement. */
  readonly digest: string;
  readonly statement: Statement;
  readonly run: PrivateRun | undefined;
}

/** A model that was trained further from that of a certificate. */
export interface KnownSuccessor {
  readonly path: string;
  readonly training: string;
  /** Digest of the certificate's statement. */
  readonly certificate: string;
  readonly files: readonly ModelFile[];
}

/** The model that a run started from. */
export type Origin =
  | { readonly kind: 'release'; readonly digest: string }
  | { readonly kind: 'successor'; readonly path: string; readonly digest: string }
  /** `key` is the same for the same files. */
  | { readonly kind: 'original'; readonly path: string; readonly key: string }
  /** `sealed`: without the salt nobody can open the commitment. `elsewhere`: it opens, but to no model that is here. */
  | { readonly kind: 'unknown'; readonly why: 'sealed' | 'elsewhere' };

/**
 * Opens the commitment of a certificate to the model that its run started from, by trying what is here. With the salt of 32 random bytes a match is
 * proof; without it there is none, which is why only the owner of a run can tell.
 */
export async function originOf({ digest, statement, run }: KnownRelease, releases: readonly KnownRelease[], successors: readonly KnownSuccessor[]): Promise<Origin> {
  if (run === undefined) return { kind: 'unknown', why: 'sealed' };
  const salt = Buffer.from(run.salts.inputModel, 'hex');
  const main = basename(run.request.model);
  const isInput = (files: readonly ModelFile[]): boolean => commitToFiles(files, salt).digest === statement.predicate.inputModel.digest;
  const release = releases.find((other) => other.digest !== digest && isInput(renamed(other.statement.subject.map(({ name, digest: { sha256 } }) => ({ name, sha256 })), main)));
  if (release !== undefined) return { kind: 'release', digest: release.digest };
  const successor = successors.find(({ files }) => isInput(renamed(files, main)));
  if (successor !== undefined) return { kind: 'successor', path: successor.path, digest: successor.certificate };
  const path = join(run.base, run.request.model);
  const files = await filesNow(path, statement);
  return files !== undefined && isInput(files) ? { kind: 'original', path, key: JSON.stringify(files.map(({ sha256 }) => sha256)) } : { kind: 'unknown', why: 'elsewhere' };
}

/** A model's files as its next run names them: the main one as its request does, the others beside it. */
function renamed(files: readonly ModelFile[], main: string): readonly ModelFile[] {
  const folder = posix.dirname(files[0]?.name ?? '');
  return files.map(({ name, sha256 }, index) => ({ name: index === 0 ? main : posix.relative(folder, name), sha256 }));
}

/** The files of the request's model as they are now, which have the names of the released ones. */
async function filesNow(model: string, { subject }: Statement): Promise<readonly ModelFile[] | undefined> {
  const names = renamed(subject.map(({ name }) => ({ name, sha256: '' })), basename(model));
  try {
    return await Promise.all(names.map(async ({ name }) => ({ name, sha256: await fileDigest(join(dirname(model), name)) })));
  } catch {
    return undefined; // moved, or deleted as it should be
  }
}
