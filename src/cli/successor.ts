import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { signerFromPem } from '../certificate/keys';
import { createSuccessor } from '../certificate/successor';
import { UserError } from '../error';
import { fileDigest } from '../run/file-digest';
import { parse, type Command } from './command';
import { signingKey, trustedKeys } from './signing-key';

export const successorCommand: Command = {
  name: 'successor',
  usage: 'successor CERTIFICATE MODEL --training TEXT [--key PEM]',
  summary: 'sign that a model was trained further from a certified one, on retained records alone',
  about: 'Training further on the retained records is post-processing, and the guarantee holds for its result too. That nothing else was trained on is your word;\nthe file written beside MODEL says so, with the digests of all files of the model and of the certificate. Of a sharded model name the index, of a\nTensorFlow.js model its model.json, or of either the folder: what they name is signed with them.\n--training TEXT   how it was trained, in a sentence',
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { training: { type: 'string' }, key: { type: 'string' } }, ['CERTIFICATE', 'MODEL']);
    if (values.training === undefined) {
      throw new UserError('bad-arguments', 'say how the model was trained: --training "3 epochs on the retained records with our own trainer"', { remedy: 'It is signed as your word.' });
    }
    const signer = signerFromPem((await signingKey(values.key)).privatePem);
    const { filesOfModel, mainFileOf } = await import('../model/files-of-model');
    const model = await mainFileOf(resolve(operands.MODEL));
    const files: { name: string; sha256: string }[] = [];
    for (const name of await filesOfModel(model)) files.push({ name, sha256: await digest(join(dirname(model), name)) });
    const successor = await createSuccessor({ files, certificate: await read(operands.CERTIFICATE), certificateName: basename(operands.CERTIFICATE), trustedKeys: [signer.publicKey], training: values.training, issuedOn: new Date() }, signer);
    const output = `${model}.unlearning-successor.json`;
    await writeFile(output, successor, { flag: 'wx' }).catch((error: unknown) => {
      throw new UserError('output-unwritable', `the successor cannot be written (${error instanceof Error ? error.message : String(error)})`, { file: output, remedy: 'Remove the one that is there, or make its folder writable.' });
    });
    if (values.json === true) terminal.json({ successor: output, files: files.map(({ name }) => name) });
    else terminal.line(`successor: ${output}\nof         ${files.map(({ name }) => name).join(', ')}`);
    return 0;
  },
};

export const verifySuccessorCommand: Command = {
  name: 'verify-successor',
  usage: 'verify-successor SUCCESSOR CERTIFICATE [--key PEM]',
  summary: 'check a successor against its certificate and the model beside it',
  about: 'Exit code 0 only if the successor is signed by a trusted key, belongs to this certificate, and the model beside it is the one that was signed.\nThe certificate\'s own verdicts are given by `verify`.',
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { key: { type: 'string' } }, ['SUCCESSOR', 'CERTIFICATE']);
    const { checkSuccessor } = await import('../run/check-successor');
    const verification = await checkSuccessor(resolve(operands.SUCCESSOR), await read(operands.SUCCESSOR), await read(operands.CERTIFICATE), await trustedKeys(values.key));
    const { signature, certificate, model, successor } = verification;
    const verified = [signature, certificate, model].every(({ status }) => status === 'pass');
    if (values.json === true) {
      terminal.json({ ...verification, verified });
      return verified ? 0 : 1;
    }
    const marks = { pass: '✔', fail: '✘', unknown: '?' } as const;
    for (const [name, { status, detail }] of [['signature', signature], ['certificate', certificate], ['model digest', model]] as const) {
      terminal.line(`${marks[status]} ${name.padEnd(13)} ${detail}`);
    }
    if (successor !== undefined) terminal.line(`  ${'training'.padEnd(13)} ${successor.predicate.asserted} (asserted by the signer): ${successor.predicate.training}`);
    terminal.line(verified ? 'verified' : 'NOT verified');
    return verified ? 0 : 1;
  },
};

async function read(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw new UserError('file-missing', `cannot be read (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Check the path.' });
  });
}

async function digest(file: string): Promise<string> {
  return fileDigest(file).catch((error: unknown) => {
    throw new UserError('model-missing', `cannot be read (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Check the path of the model that was trained further.' });
  });
}
