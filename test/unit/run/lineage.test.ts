import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createStatement } from '../../../src/certificate/create-statement';
import { commitToFiles } from '../../../src/certificate/salted-commitment';
import { createSuccessor } from '../../../src/certificate/successor';
import { parseRequest } from '../../../src/request/parse-request';
import type { Lineage } from '../../../src/protocol/certificate-messages';
import { readLineage } from '../../../src/run/lineage/read';
import { exampleInput, keys, signed, signer } from '../certificate/example';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const scratch = mkdtempSync(join(tmpdir(), 'lineage-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Run {
  readonly name: string;
  /** Content of the model that the run starts from, and of the one that it makes. */
  readonly from: string;
  readonly to: string;
  /** Name of the model's file, as the request has it. */
  readonly model?: string;
  readonly forgets: readonly number[];
  readonly day: number;
  /** Whether the private files are left beside it. */
  readonly keeps?: boolean;
}

const example = JSON.parse(readFileSync(join(__dirname, '../../../examples/mnist/forget-c17.unlearn.json'), 'utf8')) as object;
const salts = { inputModel: 'a1'.repeat(32), request: 'b2'.repeat(32), forget: 'c3'.repeat(32), retain: 'd4'.repeat(32) };

/** Writes the certificate of a run, and what its owner keeps. Each costs μ = 0.2 against the retrained reference; see the example. */
async function write(folder: string, { name, from, to, model = 'original.h5', forgets, day, keeps = true }: Run): Promise<string> {
  const statement = createStatement(exampleInput({
    files: [{ name: `${name}.h5`, sha256: sha256(to) }],
    inputModel: commitToFiles([{ name: model, sha256: sha256(from) }], Buffer.from(salts.inputModel, 'hex')),
    data: { ...exampleInput().data, forget: { count: forgets.length, commitment: exampleInput().data.forget.commitment }, retain: { count: 100 - forgets.length, commitment: exampleInput().data.retain.commitment }, evaluation: undefined },
    metrics: {},
    finishedOn: new Date(Date.UTC(2026, 0, day)),
  }));
  const bytes = await signed(statement);
  const path = join(folder, `${name}.unlearning-certificate.json`);
  writeFileSync(path, bytes);
  if (keeps) {
    const { dsseEnvelope } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { dsseEnvelope: { payload: string } };
    const home = join(folder, '.certified-unlearning/runs', name);
    mkdirSync(home, { recursive: true });
    const { request, problems } = parseRequest(JSON.stringify({ ...example, model }));
    expect(problems).toEqual([]);
    writeFileSync(join(home, 'report.json'), JSON.stringify({ statement: sha256(Buffer.from(dsseEnvelope.payload, 'base64')), requestFile: `${name}.unlearn.json`, request, records: { forgotten: forgets } }));
    writeFileSync(join(home, 'salts.json'), JSON.stringify(salts));
  }
  return path;
}

let folders = 0;

/** The lineage of the last of several runs, with the original beside them. */
async function traced(runs: readonly Run[], original = 'the original', successors: readonly string[] = []): Promise<Lineage | undefined> {
  const folder = join(scratch, String(folders++));
  mkdirSync(folder);
  writeFileSync(join(folder, 'original.h5'), original);
  const certificates: string[] = [];
  for (const run of runs) certificates.push(await write(folder, run));
  return readLineage(certificates.at(-1) ?? '', { certificates, successors, trustedKeys: [keys.publicKey], nameOf: (path) => path.slice(folder.length + 1) });
}

const first: Run = { name: 'first', from: 'the original', to: 'released 1', forgets: [1, 2], day: 1 };

describe('the lineage of a certificate', () => {
  it('of a single run says what it started from', async () => {
    const lineage = await traced([first]);
    expect(lineage?.certificates).toMatchObject([{ name: 'first.unlearning-certificate.json', origin: { kind: 'original', name: 'original.h5' }, current: true, forgotten: 2 }]);
    // δ(ε; μ = 0.2) = 1e-5 at ε = 0.725522; see the tests of the certificate's description.
    expect(lineage?.requests).toHaveLength(1);
    expect(lineage?.requests[0]?.latest).toBeCloseTo(0.725522, 5);
    expect(lineage?.requests[0]?.together).toBeCloseTo(0.725522, 5);
  });

  it('a second run from the same original composes for the first request, and stands alone for its own', async () => {
    const lineage = await traced([first, { name: 'second', from: 'the original', to: 'released 2', forgets: [1, 2, 3], day: 2 }]);
    expect(lineage?.certificates.map(({ name, current }) => [name.split('.')[0], current])).toEqual([['first', false], ['second', true]]);
    const [request, own] = lineage?.requests ?? [];
    // Both runs read parameters that records 1 and 2 had touched: μ = √(0.2² + 0.2²) = 0.28284; δ(ε; μ) = Φ(−ε/μ + μ/2) − e^ε Φ(−ε/μ − μ/2) is 1e-5 at ε = 1.06079.
    expect(request).toMatchObject({ paid: [0, 1], usedAgainBy: [], notCompared: [] });
    expect(request?.together).toBeCloseTo(1.06079, 5);
    expect(request?.latest).toBeCloseTo(0.725522, 5);
    expect(own).toMatchObject({ paid: [1] });
  });

  it('a second run from the first release costs the first request nothing more', async () => {
    const lineage = await traced([first, { name: 'second', from: 'released 1', model: 'first.h5', to: 'released 2', forgets: [1, 2, 3], day: 2 }]);
    expect(lineage?.certificates[1]?.origin).toEqual({ kind: 'certificate', certificate: 0 });
    expect(lineage?.requests[0]).toMatchObject({ paid: [0] });
    expect(lineage?.requests[0]?.together).toBeCloseTo(0.725522, 5);
  });

  it('finds the release under another name: the digest tells', async () => {
    const lineage = await traced([first, { name: 'second', from: 'released 1', model: 'renamed.h5', to: 'released 2', forgets: [1, 2, 3], day: 2 }]);
    expect(lineage?.certificates[1]?.origin).toEqual({ kind: 'certificate', certificate: 0 });
  });

  it('says so if a later run uses forgotten records again', async () => {
    const lineage = await traced([first, { name: 'second', from: 'released 1', model: 'first.h5', to: 'released 2', forgets: [2, 3], day: 2 }]);
    expect(lineage?.requests[0]).toMatchObject({ usedAgainBy: [1], notCompared: [] });
  });

  it('without the private files the start is sealed, and the certificate stands alone', async () => {
    const lineage = await traced([first, { name: 'second', from: 'the original', to: 'released 2', forgets: [1, 2, 3], day: 2, keeps: false }]);
    expect(lineage?.certificates).toMatchObject([{ name: 'second.unlearning-certificate.json', origin: { kind: 'unknown', why: 'sealed' } }]);
  });

  it('an original that is gone, or has changed, is not one that is here', async () => {
    expect((await traced([first], 'something else'))?.certificates).toMatchObject([{ origin: { kind: 'unknown', why: 'elsewhere' } }]);
  });

  it('a model that was trained further from a release leads to it', async () => {
    const folder = join(scratch, 'successor');
    mkdirSync(folder);
    writeFileSync(join(folder, 'original.h5'), 'the original');
    const start = await write(folder, first);
    const successor = join(folder, 'further.h5.unlearning-successor.json');
    writeFileSync(successor, await createSuccessor({ files: [{ name: 'further.h5', sha256: sha256('further') }], certificate: readFileSync(start), certificateName: 'first.unlearning-certificate.json', trustedKeys: [keys.publicKey], training: '3 epochs', issuedOn: new Date() }, signer));
    const next = await write(folder, { name: 'second', from: 'further', model: 'further.h5', to: 'released 2', forgets: [1, 2, 3], day: 2 });
    const lineage = await readLineage(next, { certificates: [start, next], successors: [successor], trustedKeys: [keys.publicKey], nameOf: (path) => path.slice(folder.length + 1) });
    expect(lineage?.certificates[1]?.origin).toEqual({ kind: 'successor', certificate: 0, name: 'further.h5.unlearning-successor.json' });
    expect(lineage?.certificates[0]?.successors).toEqual([{ name: 'further.h5.unlearning-successor.json', training: '3 epochs' }]);
    expect(lineage?.requests[0]).toMatchObject({ paid: [0] });
  });

  it('is not traced for what is signed with a key that is not trusted', async () => {
    const folder = join(scratch, 'stranger');
    mkdirSync(folder);
    const path = await write(folder, first);
    expect(await readLineage(path, { certificates: [path], successors: [], trustedKeys: [], nameOf: String })).toBeUndefined();
  });
});
