import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { signerFromPem } from '../certificate/keys';
import type { ForgetSelector } from '../data/source-spec';
import { UserError } from '../error';
import { parse, type Command } from './command';
import { languageOf } from './language';
import { signingKey } from './signing-key';

export const receiptCommand: Command = {
  name: 'receipt',
  usage: 'receipt CERTIFICATE ([--column NAME] --id ID | --record NUMBER) [--output FILE] [--key PEM] [--language TAG]',
  summary: 'a signed receipt for one person whose records were forgotten',
  about: 'Proves that the records of one person were in the forget set of a certificate, and says nothing about anyone else. Needs the private\nfiles of the run and the data as it was.\n--id ID                 whose records: the person\'s key\n--column NAME           the key column; the one that the request selects by unless given\n--record NUMBER         or a single record by its number\n--output FILE           where the receipt goes; beside the certificate unless given\n--language de           the language of the page in plain words; English unless given',
  readsData: () => true,
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { column: { type: 'string' }, id: { type: 'string' }, record: { type: 'string' }, output: { type: 'string' }, key: { type: 'string' }, language: { type: 'string' } }, ['CERTIFICATE']);
    const language = await languageOf(values.language);
    const certificate = resolve(operands.CERTIFICATE);
    const signer = signerFromPem((await signingKey(values.key)).privatePem);
    const { writeReceipt } = await import('../run/write-receipt');
    const { receipt, page, records } = await writeReceipt(certificate, { signer, trustedKeys: [signer.publicKey], whose: whose(values), language });
    const output = values.output === undefined ? join(dirname(certificate), `${basename(certificate, '.unlearning-certificate.json')}.${Date.now()}.unlearning-receipt.json`) : resolve(values.output);
    const readable = `${output.replace(/\.json$/, '')}.md`;
    for (const [file, content] of [[output, receipt], [readable, page]] as const) {
      await writeFile(file, content, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
        throw new UserError('output-unwritable', `the receipt cannot be written (${error instanceof Error ? error.message : String(error)})`, { file, remedy: 'Name a new file in a folder that you may write to with --output.' });
      });
    }
    if (values.json === true) {
      terminal.json({ receipt: output, page: readable, records });
    } else {
      terminal.line(`receipt for ${records === 1 ? '1 record' : `${records} records`}: ${output}`);
      terminal.line(`in plain words: ${readable}`);
      terminal.line('It holds digests of these records and their salts: give it to the person concerned, and to nobody else.');
    }
    return 0;
  },
};

function whose({ column, id, record }: { readonly column?: string | undefined; readonly id?: string | undefined; readonly record?: string | undefined }): ForgetSelector | { readonly id: string } {
  if (record !== undefined && /^\d+$/.test(record) && id === undefined) {
    return { rows: [Number(record)] };
  }
  if (id !== undefined && record === undefined) {
    return column === undefined ? { id } : { ids: { column, values: [id] } };
  }
  throw new UserError('bad-arguments', 'say whose records: --id ID, with --column NAME if need be, or --record NUMBER', { remedy: 'For example: --column contributor --id c17.' });
}
