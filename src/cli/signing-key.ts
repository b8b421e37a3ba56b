import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createKeyPair, publicPem } from '../certificate/keys';
import { UserError } from '../error';

/** Where the command line keeps a signing key that no option names: the user's configuration folder. */
export function configurationFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['CERTIFIED_UNLEARNING_HOME'];
  if (base !== undefined && base !== '') {
    return base;
  }
  const config = environment['XDG_CONFIG_HOME'];
  return join(config !== undefined && config !== '' ? config : join(homedir(), '.config'), 'certified-unlearning');
}

export interface SigningKey {
  readonly privatePem: string;
  readonly path: string;
  readonly created: boolean;
}

/** The signing key at `path`; without a path the user's own, created (owner-only) on first use. */
export async function signingKey(path: string | undefined): Promise<SigningKey> {
  const file = path ?? join(configurationFolder(), 'signing-key.pem');
  if (path !== undefined || existsSync(file)) {
    return { privatePem: await readPem(file, 'key'), path: file, created: false };
  }
  const { privateKey } = createKeyPair();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, privateKey, { mode: 0o600, flag: 'wx' });
  await writeFile(publicPath(file), publicPem(privateKey));
  return { privatePem: privateKey, path: file, created: true };
}

/** Public keys to trust: the given file, or else the user's own key and everything in `trusted-keys` of the configuration folder. */
export async function trustedKeys(path: string | undefined): Promise<string[]> {
  if (path !== undefined) {
    return [await readPem(path, 'key')];
  }
  const folder = configurationFolder();
  const trusted = join(folder, 'trusted-keys');
  const names = await readdir(trusted).catch(() => []);
  const files = [publicPath(join(folder, 'signing-key.pem')), ...names.filter((name) => name.endsWith('.pem')).map((name) => join(trusted, name))];
  return Promise.all(files.filter((file) => existsSync(file)).map((file) => readPem(file, 'key')));
}

export function publicPath(privatePath: string): string {
  return `${privatePath.replace(/\.pem$/, '')}.public.pem`;
}

async function readPem(file: string, field: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new UserError('key-missing', `the key cannot be read (${error instanceof Error ? error.message : String(error)})`, { file, field, remedy: 'Check the path; "certified-unlearning key" makes a key where there is none.' });
  });
}
