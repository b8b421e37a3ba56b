import { resolve } from 'node:path';
import { UserError } from '../error';
import type { ExclusionCheck, Whose } from '../run/check-exclusion';
import { parse, type Command } from './command';
import { trustedKeys } from './signing-key';
import type { Terminal } from './terminal';

export const checkExcludedCommand: Command = {
  name: 'check-excluded',
  usage: 'check-excluded CERTIFICATE ([--column NAME] --id ID | --record NUMBER | --file FILE [--labels FILE]) [--tolerance D] [--image-bits N] [--text COLUMN] [--key PEM]',
  summary: 'for the holder of the data: that records are not among those retained',
  about: 'Recomputes the retain set of a certificate from the data and the private files of the run, and looks for records in it: by their\nnumber and by their content (features and label). Exit code 0 only if the retain set is the one committed to and none is in it, else 1.\n--id ID          whose records: the person\'s key\n--column NAME    the key column; the one that the request selects by unless given\n--record NUMBER  or a single record by its number\n--file FILE      or records that someone hands in, in a file (or a folder of images) of the same kind as the data: compared by content\n--labels FILE    their labels, where the data are arrays with a file of labels\n--tolerance D    also looks for records of which no scaled feature differs by more than this,\n--image-bits N   for images whose perceptual hashes differ in at most so many of 64 bits,\n--text COLUMN    and for the same words in a column\n--key PEM        the public key to trust, as for verify',
  readsData: () => true,
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { column: { type: 'string' }, id: { type: 'string' }, record: { type: 'string' }, file: { type: 'string' }, labels: { type: 'string' }, tolerance: { type: 'string' }, 'image-bits': { type: 'string' }, text: { type: 'string' }, key: { type: 'string' } }, ['CERTIFICATE']);
    const asked = whose(values);
    const near = { tolerance: numberOf(values.tolerance, '--tolerance', Number.isFinite), imageBits: numberOf(values['image-bits'], '--image-bits', (bits) => Number.isInteger(bits) && bits <= 64), text: values.text };
    let check: ExclusionCheck;
    try {
      const { checkExclusion } = await import('../run/check-exclusion');
      check = await checkExclusion(resolve(operands.CERTIFICATE), await trustedKeys(values.key), asked, near);
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

/** @throws UserError `bad-arguments`. */
function numberOf(text: string | undefined, flag: string, fits: (value: number) => boolean): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0) || !fits(value)) throw new UserError('bad-arguments', `${flag} does not take "${text}".`, { remedy: flag === '--tolerance' ? 'Give a number from 0 on, such as 0.01.' : 'Give a number of bits from 0 to 64.' });
  return value;
}

interface WhoseFlags {
  readonly column?: string | undefined;
  readonly id?: string | undefined;
  readonly record?: string | undefined;
  readonly file?: string | undefined;
  readonly labels?: string | undefined;
}

function whose({ column, id, record, file, labels }: WhoseFlags): Whose {
  const given = [id, record, file].filter((value) => value !== undefined).length;
  if (given === 1 && id !== undefined) return column === undefined ? { id } : { ids: { column, values: [id] } };
  if (given === 1 && column === undefined) {
    if (file !== undefined) return { file: resolve(file), labels };
    if (record !== undefined && /^\d+$/.test(record)) return { rows: [Number(record)] };
  }
  throw new UserError('bad-arguments', 'say which records: --id ID, with --column NAME if need be, or --record NUMBER, or --file FILE', { remedy: 'For example: --column contributor --id c17.' });
}

function some(records: readonly number[]): string {
  return `${records.length === 1 ? 'record' : 'records'} ${records.slice(0, 5).join(', ')}${records.length > 5 ? ', …' : ''}`;
}

function print({ retain, asked, retained, equal, near, excluded }: ExclusionCheck, terminal: Terminal): void {
  const mark = (holds: boolean): string => (holds ? '✔' : '✘');
  const these = asked === 1 ? 'the record' : `any of the ${asked} records`;
  terminal.line(`${mark(retain.holds)} retain set  ${retain.holds ? 'The commitment on the certificate opens to the data at hand.' : retain.detail}`);
  terminal.line(`${mark(retained.length === 0)} records     ${retained.length === 0 ? `The retain set does not have ${these}.` : `The retain set has ${retained.length} of them: ${some(retained)}.`}`);
  terminal.line(`${mark(equal.length === 0)} content     ${equal.length === 0 ? `Nothing in the retain set has the same features and label as ${these}.` : `${equal.length} in the retain set have the same features and label: ${some(equal)}.`}`);
  if (near !== undefined) terminal.line(`${mark(near.length === 0)} likeness    ${near.length === 0 ? `Nothing in the retain set resembles ${these}.` : `${near.length} in the retain set resemble one of them without being equal to it: ${some(near)}.`}`);
  terminal.line(excluded ? 'excluded: the retain set that the certificate commits to holds none of them' : 'NOT shown to be excluded');
  terminal.line('This convinces whoever holds the data and the salts, and nobody else. The commitment is to features and labels: whose they are is the word of the key column, and that nothing else was trained on is the word of the signer.');
}
