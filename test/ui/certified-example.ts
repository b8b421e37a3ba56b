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
  unlearn(workspace, privateKey, 'quick', {});
  return { certificate: 'mnist/model/unlearned/model.unlearning-certificate.json', publicKey, privateKey };
}

/** A second request after the first one: two contributors, twice the ε, from the same original. Returns its certificate, relative to the workspace. */
export function secondCertificate(workspace: string, { privateKey }: CertifiedExample): string {
  unlearn(workspace, privateKey, 'again', { forget: { where: `contributor IN ('c17', 'c20')` }, target: { epsilon: 2, delta: 1e-5 }, output: 'model/again/model.json' });
  return 'mnist/model/again/model.unlearning-certificate.json';
}

function unlearn(workspace: string, privateKey: string, name: string, changes: object): void {
  const request = path.join(workspace, `mnist/${name}.unlearn.json`);
  const example = JSON.parse(readFileSync(path.join(workspace, 'mnist/forget-c17.unlearn.json'), 'utf8')) as object;
  writeFileSync(request, JSON.stringify({ ...example, recovery: { epochs: 0.1 }, ...changes }, undefined, 2));
  execFileSync(process.execPath, [path.join(root, 'dist/cli.js'), 'run', request, '--key', privateKey], { stdio: ['ignore', 'ignore', 'pipe'] });
}
