import { mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, dirname, join, relative } from 'node:path';
import { UserError } from '../error';
import type { Model } from '../model/model';
import type { LoadedRequest } from '../request/load-request';
import { fileDigest } from './file-digest';

export interface StagedFile {
  /** Path in the staging folder. */
  readonly staged: string;
  /** Absolute path that it will have. */
  readonly destination: string;
  /** SHA-256 in hex. */
  readonly sha256: string;
}

/** Writes the unlearned model into the staging folder, the main file first; its other files keep their names beside it. */
export async function stageModel(model: Model, values: ReadonlyMap<string, Float32Array>, loaded: LoadedRequest, staging: string): Promise<readonly StagedFile[]> {
  const files = await model.write(values);
  const staged: StagedFile[] = [];
  for (const [index, { path, bytes }] of files.entries()) {
    const destination = index === 0 ? loaded.outputPath : join(dirname(loaded.outputPath), path);
    if (destination === join(dirname(loaded.modelPath), path)) {
      throw new UserError('output-is-model', `${path} of the original model would be overwritten`, { field: 'output', remedy: 'A model of several files needs an output folder of its own.' });
    }
    const name = `model-${index}`;
    await writeFile(join(staging, name), bytes);
    staged.push({ staged: name, destination, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return staged;
}

/** Digests of the original model's files, by the names that they share with the released ones: for the salted commitment to them. */
export async function originalFiles(released: readonly StagedFile[], loaded: LoadedRequest): Promise<readonly { readonly name: string; readonly sha256: string }[]> {
  return Promise.all(released.map(async ({ destination }, index) => {
    const name = index === 0 ? basename(loaded.modelPath) : relative(dirname(loaded.outputPath), destination);
    return { name, sha256: await fileDigest(join(dirname(loaded.modelPath), name)) };
  }));
}

/** Everything private of a run: the report for its owner, and the salts that open the certificate's commitments. */
export async function stagePrivate(staging: string, files: Readonly<Record<string, unknown>>): Promise<string[]> {
  await mkdir(staging, { recursive: true, mode: 0o700 });
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(staging, name), `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  }
  return Object.keys(files);
}
