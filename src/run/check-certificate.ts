import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { MAXIMUM_BUNDLE_BYTES } from '../certificate/bundle';
import type { TrustedKey } from '../certificate/open-bundle';
import { verifyCertificate, type DigestOf, type Verification } from '../certificate/verify';
import { UserError } from '../error';
import { fileDigest } from './file-digest';

/**
 * Verifies a certificate file against the model beside it, or against `model` (its main file, wherever it lies).
 * Throws `UserError` (`certificate-missing`, `certificate-too-large`, `model-missing`); everything else is a verdict.
 */
export async function checkCertificate(certificate: string, trustedKeys: readonly TrustedKey[], options: { readonly model?: string | undefined; readonly showUnverified?: boolean } = {}): Promise<Verification> {
  const size = await stat(certificate).then((found) => (found.isFile() ? found.size : undefined), () => undefined);
  if (size === undefined) {
    throw new UserError('certificate-missing', 'there is no such certificate', { file: certificate, remedy: 'Give the path of a NAME.unlearning-certificate.json file.' });
  }
  if (size > MAXIMUM_BUNDLE_BYTES) {
    throw new UserError('certificate-too-large', `a certificate has at most ${MAXIMUM_BUNDLE_BYTES} bytes, and this file has ${size}`, { file: certificate, remedy: 'Name the certificate itself, not the model or an archive.' });
  }
  if (options.model !== undefined && !(await isFile(options.model))) {
    throw new UserError('model-missing', 'there is no such model file', { file: options.model, remedy: 'Give the path of the released model with --model, or leave it out to take the file beside the certificate.' });
  }
  const bytes = await readFile(certificate);
  return verifyCertificate(bytes, { trustedKeys, modelFiles: filesOf(certificate, options.model), showUnverified: options.showUnverified });
}

/** Looks subjects up beside the certificate; where a main file is given, the first subject is that file and the others lie beside it. */
function filesOf(certificate: string, model: string | undefined): DigestOf {
  let base = dirname(resolve(certificate));
  let first: string | undefined;
  return async (name) => {
    if (model !== undefined && first === undefined) {
      first = name;
      const depth = posix.dirname(name) === '.' ? 0 : posix.dirname(name).split('/').length;
      base = join(dirname(resolve(model)), ...Array.from({ length: depth }, () => '..'));
    }
    const path = model !== undefined && name === first ? join(dirname(resolve(model)), basename(model)) : join(base, name);
    return (await isFile(path)) ? fileDigest(path) : undefined;
  };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isFile(), () => false);
}
