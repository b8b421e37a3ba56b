import { readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join, parse } from 'node:path';
import { z } from 'zod';
import { decodeBundle } from '../certificate/bundle';
import { JsonRefused } from '../certificate/strict-json';
import { UserError } from '../error';
import { requestSchema, type Request } from '../request/schema';
import { PRIVATE_FOLDER } from './private-folder';

const salt = z.string().regex(/^[0-9a-f]{64}$/);
const saltsSchema = z.object({ inputModel: salt, request: salt, forget: salt, retain: salt });
const reportSchema = z.object({
  /** SHA-256 of the certificate's signed statement. */
  statement: z.string(),
  requestFile: z.string(),
  request: requestSchema,
  records: z.object({ forgotten: z.array(z.int().nonnegative()) }),
});

/** What the owner of a run keeps, and what opens the commitments on its certificate. */
export interface PrivateRun {
  readonly folder: string;
  /** The folder of the request, which its paths start from. */
  readonly base: string;
  readonly request: Request;
  /** Sorted record numbers. */
  readonly forgotten: Uint32Array;
  readonly salts: z.output<typeof saltsSchema>;
}

/**
 * Finds the private files of the run that a certificate came from: in the private folder beside the certificate or above it.
 * Throws `UserError` `certificate-damaged` or `private-run-missing`.
 */
export async function findPrivateRun(certificate: string, bytes: Uint8Array): Promise<PrivateRun> {
  const wanted = statementDigest(bytes, certificate);
  for (let folder = dirname(certificate); ; folder = dirname(folder)) {
    const runs = join(folder, PRIVATE_FOLDER, 'runs');
    for (const name of await readdir(runs).catch(() => [])) {
      const report = await readJson(join(runs, name, 'report.json'), reportSchema);
      const salts = await readJson(join(runs, name, 'salts.json'), saltsSchema);
      if (report?.statement === wanted && salts !== undefined) {
        return { folder: join(runs, name), base: folder, request: report.request, forgotten: Uint32Array.from(report.records.forgotten), salts };
      }
    }
    if (folder === parse(folder).root) {
      throw new UserError('private-run-missing', 'the private files of this run are not here, and without their salts nothing can be opened', { file: certificate, remedy: `They are in ${PRIVATE_FOLDER}/runs beside the request, on the machine that ran it.` });
    }
  }
}

/** SHA-256 in hex of what a certificate signs. Throws `UserError` `certificate-damaged`. */
export function statementDigest(bytes: Uint8Array, file: string): string {
  try {
    return createHash('sha256').update(decodeBundle(bytes).envelope.payload).digest('hex');
  } catch (error) {
    if (error instanceof JsonRefused) {
      throw new UserError('certificate-damaged', error.message, { file, remedy: 'Copy the certificate again from where it was signed.' });
    }
    throw error;
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
