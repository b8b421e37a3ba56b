import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createKeyPair } from '../../src/certificate/keys';
import { root } from '../../scripts/root';

export interface CertifiedExample {
  /** Relative to the workspace. */
  readonly certificate: string;
  /** PEM file of the key that signed it. */
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Copies the examples and unlearns from one by the command line, quickly, so that there is a certificate to look at. */
export function certifiedExample(workspace: string, keys: string): CertifiedExample {
  cpSync(path.join(root, 'examples'), workspace, { recursive: true });
  const pair = createKeyPair();
  const [privateKey, publicKey] = [path.join(keys, 'key.pem'), path.join(keys, 'key.public.pem')];
  writeFileSync(privateKey, pair.privateKey);
  writeFileSync(publicKey, pair.publicKey);
  const request = path.join(workspace, 'mnist/quick.unlearn.json');
  const example = JSON.parse(readFileSync(path.join(workspace, 'mnist/forget-c17.unlearn.json'), 'utf8')) as object;
  writeFileSync(request, JSON.stringify({ ...example, recovery: { epochs: 0.1 } }, undefined, 2));
  execFileSync(process.execPath, [path.join(root, 'dist/cli.js'), 'run', request, '--key', privateKey], { stdio: ['ignore', 'ignore', 'pipe'] });
  return { certificate: 'mnist/model/unlearned/model.unlearning-certificate.json', publicKey, privateKey };
}
