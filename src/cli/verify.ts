import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { publicKeyFromPem } from '../certificate/keys';
import { passes, type Verification } from '../certificate/verify';
import { UserError } from '../error';
import type { Language } from '../language';
import type { CommitmentCheck } from '../run/check-data';
import { checkCertificate } from '../run/check-certificate';
import { parse, type Command } from './command';
import { languageOf } from './language';
import { trustedKeys } from './signing-key';
import type { Terminal } from './terminal';

export const verifyCommand: Command = {
  name: 'verify',
  usage: 'verify CERTIFICATE [--model PATH] [--key PEM] [--data] [--pdf FILE [--language TAG]]',
  summary: 'check signature, model digest and accounting of a certificate',
  about: 'Exit code 0 only if all three verdicts hold, else 1 with the reason.\n--model PATH  the model to compare; the files beside the certificate unless given\n--key PEM     the public key to trust; unless given your own, and all in trusted-keys of the configuration folder\n--data        for the owner of the run: also open the commitments to forgotten and retained records, with the private files, and compare the data\n--pdf FILE    also write what was found as a PDF; the private parts of --data are not in it\n--language de  the language of the PDF; English unless given',
  readsData: (argv) => argv.includes('--data'),
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { key: { type: 'string' }, model: { type: 'string' }, data: { type: 'boolean' }, pdf: { type: 'string' }, language: { type: 'string' } }, ['CERTIFICATE']);
    const language = await languageOf(values.language);
    const pems = await trustedKeys(values.key);
    const verification = await checkCertificate(operands.CERTIFICATE, pems.map(publicKeyFromPem), { model: values.model });
    const data = values.data === true && verification.statement !== undefined ? await (await import('../run/check-data')).checkData(operands.CERTIFICATE, pems) : [];
    if (values.pdf !== undefined) await print(values.pdf, operands.CERTIFICATE, verification, language);
    const verified = passes(verification) && data.every(({ holds }) => holds);
    if (values.json === true) {
      terminal.json({ ...verification, ...(values.data === true ? { data } : {}), verified });
    } else {
      tell(verification, data, verified, terminal);
    }
    return verified ? 0 : 1;
  },
};

async function print(file: string, certificate: string, verification: Verification, language: Language): Promise<void> {
  const { printCertificate } = await import('../run/print-certificate');
  const pdf = await printCertificate(basename(certificate), verification, language);
  await writeFile(file, pdf, { flag: 'wx' }).catch((error: unknown) => {
    throw new UserError('output-unwritable', `the PDF cannot be written (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Name a file in a folder that you may write to with --pdf.' });
  });
}

function tell(verification: Verification, data: readonly CommitmentCheck[], verified: boolean, terminal: Terminal): void {
  const marks = { pass: '✔', fail: '✘', unknown: '?' } as const;
  const verdicts = [['signature', verification.signature], ['model digest', verification.model], ['accounting', verification.accounting]] as const;
  for (const [name, { status, detail }] of verdicts) {
    terminal.line(`${marks[status]} ${name.padEnd(13)} ${detail}`);
  }
  for (const { set, holds, detail } of data) {
    terminal.line(`${holds ? marks.pass : marks.fail} ${`${set} set`.padEnd(13)} ${detail}`);
  }
  terminal.line(`  ${'the run'.padEnd(13)} ${verification.run.detail}`);
  const guarantee = verification.statement?.predicate.guarantee;
  if (guarantee !== undefined) {
    terminal.line(`${verified ? 'verified' : 'NOT verified'}: ε = ${guarantee.epsilon}, δ = ${guarantee.delta} against the ${guarantee.reference} reference`);
  } else {
    terminal.line('NOT verified');
  }
}
