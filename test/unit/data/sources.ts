import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ByteSource } from '../../../src/data/byte-source';
import type { ArrayStream } from '../../../src/data/element-stream';
import type { NumericArray, NumericValues } from '../../../src/data/numeric-array';
import { UserError } from '../../../src/error';

export { idx, npy } from './array-files';

/** A folder that lives as long as the test file. */
export function useFolder(): { readonly path: string; file(name: string, content: Uint8Array | string): Promise<string> } {
  const folder = {
    path: '',
    /** Writes a file and gives back its name, which is relative to the folder. */
    async file(name: string, content: Uint8Array | string): Promise<string> {
      await writeFile(path.join(folder.path, name), content);
      return name;
    },
  };
  beforeAll(async () => {
    folder.path = await mkdtemp(path.join(tmpdir(), 'data-test-'));
  });
  afterAll(async () => {
    await rm(folder.path, { recursive: true });
  });
  return folder;
}

/** Runs SQL in a DuckDB of its own: `copy (select …) to 'file'`. */
export async function runSql(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

/** Expects the error a user should see, and gives it back for more questions. */
export async function userError(attempt: Promise<unknown>, code: string): Promise<UserError> {
  const error = await attempt.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  const found = error as UserError;
  expect(found.code).toBe(code);
  return found;
}

/** The same for what fails at once. */
export function thrownUserError(attempt: () => unknown, code: string): Promise<UserError> {
  return userError(Promise.resolve().then(attempt), code);
}

/** Bytes as a file that gives them in pieces. */
export function inMemory(bytes: Uint8Array, where: ByteSource['where'] = {}, pieces = 1): ByteSource {
  const size = Math.ceil(bytes.length / pieces);
  return { where, size: bytes.length, most: bytes.length, place: undefined, blocks: () => Array.from({ length: pieces }, (_, piece) => bytes.slice(piece * size, (piece + 1) * size)) };
}

/** All of an array that is read piece by piece. */
export async function collect(opened: ArrayStream | Promise<ArrayStream>): Promise<NumericArray> {
  const stream = await opened;
  const blocks: NumericValues[] = [];
  for await (const block of stream.blocks()) blocks.push(block);
  stream.close();
  const [first = new Uint8Array()] = blocks;
  if (blocks.length < 2) return { shape: stream.shape, values: first };
  return { shape: stream.shape, values: new (first.constructor as Float64ArrayConstructor)(blocks.flatMap((block) => Array.from(block))) };
}
