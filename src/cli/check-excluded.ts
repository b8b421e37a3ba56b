import { resolve } from 'node:path';
import { UserError } from '../error';
import type { ExclusionCheck, Whose } from '../run/check-exclusion';
import { parse, type Command } from './command';
import { trustedKeys } from './signing-key';
import type { Terminal } from './terminal';

export const checkExcludedCommand: Command = {
  name: 'check-excluded',
  usage: 'check-excluded CERTIFICATE ([--column NAME] --id ID | --record NUMBER | --file TABLE) [--key PEM]',
  summary: 'for the holder of the data: that records are not among those retained',
  about: 'Recomputes the retain set of a certificate from the data and the private files of the run, and looks for records in it: by their\nnumber and by their content (features and label). Exit code 0 only if the retain set is the one committed to and none is in it, else 1.\n--id ID          whose records: the person\'s key\n--column NAME    the key column; the one that the request selects by unless given\n--record NUMBER  or a single record by its number\n--file TABLE     or records that someone hands in, in a table with the columns of the data: compared by content\n--key PEM        the public key to trust, as for verify',
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { column: { type: 'string' }, id: { type: 'string' }, record: { type: 'string' }, file: { type: 'string' }, key: { type: 'string' } }, ['CERTIFICATE']);
    const asked = whose(values);
    let check: ExclusionCheck;
    try {
      const { checkExclusion } = await import('../run/check-exclusion');
      check = await checkExclusion(resolve(operands.CERTIFICATE), await trustedKeys(values.key), asked);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'certificate-not-verified') throw error;
      // A verdict and no mistake of whoever asks, as for "verify".
      if (values.json === true) terminal.json({ excluded: false, signature: error.message });
      else terminal.line(`✘ signature   ${error.message}\nNOT shown to be excluded`);
      return 1;
    }
    if (values.json === true) terminal.json(check);
    else print(check, terminal);
    return check.excluded ? 0 : 1;
  },
};

function whose({ column, id, record, file }: { readonly column?: string | undefined; readonly id?: string | undefined; readonly record?: string | undefined; readonly file?: string | undefined }): Whose {
  const given = [id, record, file].filter((value) => value !== undefined).length;
  if (given === 1 && id !== undefined) return column === undefined ? { id } : { ids: { column, values: [id] } };
  if (given === 1 && column === undefined) {
    if (file !== undefined) return { file: resolve(file) };
    if (record !== undefined && /^\d+$/.test(record)) return { rows: [Number(record)] };
  }
  throw new UserError('bad-arguments', 'say which records: --id ID, with --column NAME if need be, or --record NUMBER, or --file TABLE', { remedy: 'For example: --column contributor --id c17.' });
}

function some(records: readonly number[]): string {
  return `${records.length === 1 ? 'record' : 'records'} ${records.slice(0, 5).join(', ')}${records.length > 5 ? ', …' : ''}`;
}

function print({ retain, asked, retained, equal, excluded }: ExclusionCheck, terminal: Terminal): void {
  const mark = (holds: boolean): string => (holds ? '✔' : '✘');
  const these = asked === 1 ? 'the record' : `any of the ${asked} records`;
  terminal.line(`${mark(retain.holds)} retain set  ${retain.holds ? 'The commitment on the certificate opens to the data at hand.' : retain.detail}`);
  terminal.line(`${mark(retained.length === 0)} records     ${retained.length === 0 ? `The retain set does not have ${these}.` : `The retain set has ${retained.length} of them: ${some(retained)}.`}`);
  terminal.line(`${mark(equal.length === 0)} content     ${equal.length === 0 ? `Nothing in the retain set has the same features and label as ${these}.` : `${equal.length} in the retain set have the same features and label: ${some(equal)}.`}`);
  terminal.line(excluded ? 'excluded: the retain set that the certificate commits to holds none of them' : 'NOT shown to be excluded');
  terminal.line('This convinces whoever holds the data and the salts, and nobody else. The commitment is to features and labels: whose they are is the word of the key column, and that nothing else was trained on is the word of the signer.');
}
