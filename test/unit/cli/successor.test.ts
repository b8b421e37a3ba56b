import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStatement } from '../../../src/certificate/create-statement';
import { createSuccessor } from '../../../src/certificate/successor';
import { commandLine } from '../../../src/cli/command-line';
import { Terminal } from '../../../src/cli/terminal';
import { fileDigest } from '../../../src/run/file-digest';
import { exampleInput, keys, signed, signer } from '../certificate/example';

const torch = join(__dirname, '../../fixtures/models/torch');
const index = 'model.safetensors.index.json';
const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
let folder: string;
let certificate: string;
let trained: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'successor-'));
  certificate = join(folder, 'net.unlearning-certificate.json');
  trained = join(folder, 'trained');
  writeFileSync(certificate, await signed(createStatement(exampleInput())));
  writeFileSync(join(folder, 'key.pem'), keys.privateKey);
  writeFileSync(join(folder, 'public.pem'), keys.publicKey);
  mkdirSync(trained);
});

afterEach(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  });
  return { code: await commandLine(argv, new Terminal(stream, stream)), said };
}

function sign(model: string): ReturnType<typeof run> {
  return run('successor', certificate, model, '--training', '3 epochs on the retained records', '--key', join(folder, 'key.pem'), '--json');
}

function verify(successor: string): ReturnType<typeof run> {
  return run('verify-successor', successor, certificate, '--key', join(folder, 'public.pem'));
}

const filesIn = (said: string): unknown => (JSON.parse(said) as { files: unknown }).files;

describe('a successor', () => {
  it.each([['its index', index], ['its folder', '']])('of a sharded model, named by %s, speaks of the index and of every shard', async (_how, name) => {
    cpSync(join(torch, 'sharded'), trained, { recursive: true });
    writeFileSync(join(trained, 'optimizer.pt'), 'what a trainer leaves beside its model');
    const { code, said } = await sign(join(trained, name));
    expect(code).toBe(0);
    expect(filesIn(said)).toEqual([index, ...shards]);
    const successor = join(trained, `${index}.unlearning-successor.json`);
    expect(await verify(successor)).toMatchObject({ code: 0, said: expect.stringMatching(/^verified$/m) as string });

    const last = join(trained, shards[1] ?? '');
    const bytes = readFileSync(last);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(last, bytes);
    expect(await verify(successor)).toMatchObject({ code: 1, said: expect.stringContaining(`${shards[1] ?? ''} is different`) as string });
    rmSync(last);
    expect(await verify(successor)).toMatchObject({ code: 1, said: expect.stringContaining(`${shards[1] ?? ''} is missing`) as string });
  });

  it('of an ONNX model speaks of its external data too', async () => {
    for (const name of ['external.onnx', 'external.onnx.data']) cpSync(join(torch, name), join(trained, name));
    const { said } = await sign(trained);
    expect(filesIn(said)).toEqual(['external.onnx', 'external.onnx.data']);
    expect((await verify(join(trained, 'external.onnx.unlearning-successor.json'))).code).toBe(0);
  });

  it('of a TensorFlow.js model speaks of its weights too', async () => {
    const example = join(__dirname, '../../../examples/mnist/model');
    cpSync(example, trained, { recursive: true });
    const { weightsManifest } = JSON.parse(readFileSync(join(example, 'model.json'), 'utf8')) as { weightsManifest: { paths: string[] }[] };
    const { said } = await sign(trained);
    expect(filesIn(said)).toEqual(['model.json', ...weightsManifest.flatMap(({ paths }) => paths)]);
  });

  it('of any other file speaks of that file, in whatever format a trainer wrote it', async () => {
    writeFileSync(join(trained, 'weights.custom'), 'numbers');
    const { said } = await sign(join(trained, 'weights.custom'));
    expect(filesIn(said)).toEqual(['weights.custom']);
    expect((await verify(join(trained, 'weights.custom.unlearning-successor.json'))).code).toBe(0);
  });

  it('is not signed where a folder holds several models or none, or a shard is missing or elsewhere', async () => {
    expect(await sign(trained)).toMatchObject({ code: 2, said: expect.stringContaining('holds no model') as string });
    for (const name of ['a.safetensors', 'b.pt']) writeFileSync(join(trained, name), '');
    expect(await sign(trained)).toMatchObject({ code: 2, said: expect.stringContaining('several models: a.safetensors, b.pt') as string });
    cpSync(join(torch, 'sharded'), trained, { recursive: true });
    rmSync(join(trained, shards[0] ?? ''));
    expect(await sign(trained)).toMatchObject({ code: 2, said: expect.stringContaining('model-missing') as string });
    writeFileSync(join(trained, index), JSON.stringify({ weight_map: { weight: '../net.unlearning-certificate.json' } }));
    expect(await sign(trained)).toMatchObject({ code: 2, said: expect.stringContaining('weights-missing') as string });
  });

  it('that leaves out a shard its index names does not verify, since that shard could be any', async () => {
    cpSync(join(torch, 'sharded'), trained, { recursive: true });
    const files = [{ name: index, sha256: await fileDigest(join(trained, index)) }];
    const successor = join(trained, 'index-alone.unlearning-successor.json');
    writeFileSync(successor, await createSuccessor({ files, certificate: readFileSync(certificate), certificateName: 'net.unlearning-certificate.json', trustedKeys: [keys.publicKey], training: 'by hand', issuedOn: new Date(0) }, signer));
    expect(await verify(successor)).toMatchObject({ code: 1, said: expect.stringContaining(`names ${shards[0] ?? ''}, which was not signed`) as string });
  });
});
