import { readFile } from 'node:fs/promises';
import { verifyReceipt, type ReceiptVerification } from '../certificate/receipt';
import { UserError } from '../error';
import { parse, type Command } from './command';
import { trustedKeys } from './signing-key';
import type { Terminal } from './terminal';

export const verifyReceiptCommand: Command = {
  name: 'verify-receipt',
  usage: 'verify-receipt RECEIPT CERTIFICATE [--key PEM]',
  summary: 'check a receipt against its certificate',
  about: 'Exit code 0 only if the receipt is signed by a trusted key, belongs to this certificate, and its records are under the certificate\'s commitment to what was forgotten.',
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { key: { type: 'string' } }, ['RECEIPT', 'CERTIFICATE']);
    const [receipt, certificate] = [await read(operands.RECEIPT), await read(operands.CERTIFICATE)];
    const verification = verifyReceipt(receipt, certificate, await trustedKeys(values.key));
    const verified = [verification.signature, verification.certificate, verification.inclusion].every(({ status }) => status === 'pass');
    if (values.json === true) {
      terminal.json({ ...verification, verified });
    } else {
      print(verification, verified, terminal);
    }
    return verified ? 0 : 1;
  },
};

function print({ signature, certificate, inclusion, receipt }: ReceiptVerification, verified: boolean, terminal: Terminal): void {
  const marks = { pass: '✔', fail: '✘', unknown: '?' } as const;
  for (const [name, { status, detail }] of [['signature', signature], ['certificate', certificate], ['records', inclusion]] as const) {
    terminal.line(`${marks[status]} ${name.padEnd(12)} ${detail}`);
  }
  if (verified && receipt !== undefined) {
    const { records, issuedOn } = receipt.predicate;
    terminal.line(`verified: ${records.length === 1 ? 'this record was' : `these ${records.length} records were`} forgotten under the certificate (receipt of ${issuedOn.slice(0, 10)})`);
  } else {
    terminal.line('NOT verified');
  }
}

async function read(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw new UserError('file-missing', `cannot be read (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Check the path.' });
  });
}
