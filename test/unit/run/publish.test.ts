import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeBundle } from '../../../src/certificate/bundle';
import { signEnvelope } from '../../../src/certificate/dsse';
import { createKeyPair, signerFromPem } from '../../../src/certificate/keys';
import { createStaging, removeStaging } from '../../../src/run/private-folder';
import { publish, refuseExisting, refuseForeign } from '../../../src/run/publish';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function stage(name: string, text: string): Promise<string> {
  const staging = join(folder, 'staging');
  await mkdir(staging, { recursive: true });
  await writeFile(join(staging, name), text);
  return join(staging, name);
}

describe('publishing', () => {
  it('puts every file in its place and makes folders that are missing', async () => {
    await publish([{ staged: await stage('a', 'model'), destination: join(folder, 'unlearned', 'a') }], false);
    expect(await readFile(join(folder, 'unlearned', 'a'), 'utf8')).toBe('model');
  });

  it('puts back what it replaced when a later file cannot be placed', async () => {
    const destination = join(folder, 'model.h5');
    await writeFile(destination, 'before');
    const staged = await stage('a', 'after');
    await expect(publish([{ staged, destination }, { staged: join(folder, 'staging', 'absent'), destination: join(folder, 'b') }], true)).rejects.toMatchObject({ code: 'output-unwritable' });
    expect(await readFile(destination, 'utf8')).toBe('before');
    expect(await readdir(folder)).not.toContain('b');
  });

  it('removes what it placed anew when a later file cannot be placed', async () => {
    const staged = await stage('a', 'after');
    await expect(publish([{ staged, destination: join(folder, 'new.h5') }, { staged: join(folder, 'staging', 'absent'), destination: join(folder, 'b') }], true)).rejects.toMatchObject({ code: 'output-unwritable' });
    expect(await readdir(folder)).not.toContain('new.h5');
  });

  it('refuses beforehand to overwrite, unless allowed', async () => {
    const path = join(folder, 'model.h5');
    await writeFile(path, 'x');
    await expect(refuseExisting([path], false)).rejects.toMatchObject({ code: 'output-exists', file: path });
    await expect(refuseExisting([path], true)).resolves.toBeUndefined();
  });

  it('refuses at the last moment what came to be there in the meantime, and takes back the rest', async () => {
    const late = join(folder, 'late.json');
    await writeFile(late, 'of another run');
    const files = [{ staged: await stage('a', 'model'), destination: join(folder, 'new.h5') }, { staged: await stage('b', 'certificate'), destination: late }];
    await expect(publish(files, false)).rejects.toMatchObject({ code: 'output-exists', file: late });
    expect(await readFile(late, 'utf8')).toBe('of another run');
    expect(await readdir(folder)).not.toContain('new.h5');
  });

  it('replaces a certificate by a certificate, and no other file', async () => {
    const path = join(folder, 'private.json');
    await expect(refuseForeign(path)).resolves.toBeUndefined();
    await writeFile(path, '{"key": "irreplaceable"}');
    await expect(refuseForeign(path)).rejects.toMatchObject({ code: 'not-a-certificate', file: path });
    const { privateKey } = createKeyPair();
    const signer = signerFromPem(privateKey);
    await writeFile(path, encodeBundle(await signEnvelope(Buffer.from('{}'), signer), signer.fingerprint));
    await expect(refuseForeign(path)).resolves.toBeUndefined();
  });
});

describe('the staging folder', () => {
  it('is gone without a trace when nothing else is private', async () => {
    const staging = await createStaging(folder);
    await writeFile(join(staging, 'half a model'), '');
    await removeStaging(staging);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves the reports of earlier runs alone', async () => {
    const staging = await createStaging(folder);
    await mkdir(join(folder, '.certified-unlearning', 'runs'));
    await removeStaging(staging);
    expect((await readdir(join(folder, '.certified-unlearning'))).sort()).toEqual(['.gitignore', 'runs']);
  });

  it('of a run whose host has died is removed by the next run', async () => {
    const dead = join(folder, '.certified-unlearning', 'staging-999999999-abcdef');
    await mkdir(dead, { recursive: true });
    await chmod(dead, 0o700);
    const staging = await createStaging(folder);
    expect(await readdir(join(folder, '.certified-unlearning'))).not.toContain('staging-999999999-abcdef');
    await removeStaging(staging);
  });
});
