import { disagreement } from './accounting';
import { inconsistencies } from './consistency';
import { openBundle, type TrustedKey, type Verdict } from './open-bundle';
import { readPayload } from './read-payload';
import { statementSchema, type Statement, type Subject } from './statement';
import { JsonRefused } from './strict-json';

/** Gives the SHA-256 in hex of a file of the model at hand, or undefined if there is none of that name. */
export type DigestOf = (name: string) => string | undefined | Promise<string | undefined>;

export interface VerifyOptions {
  readonly trustedKeys: readonly TrustedKey[];
  /** The model at hand, by the names on the certificate: a map of all its files, or a way to look each up. */
  readonly modelFiles?: ReadonlyMap<string, string> | DigestOf | undefined;
  /** Also decode what is not validly signed, for showing it with a warning. */
  readonly showUnverified?: boolean | undefined;
}

export interface FileCheck {
  readonly name: string;
  readonly state: 'matches' | 'different' | 'missing' | 'extra';
}

/** The three verdicts on a certificate, which say different things and are never mixed into one. */
export interface Verification {
  readonly signature: Verdict;
  readonly model: Verdict;
  readonly accounting: Verdict;
  /** That the run happened as described: nobody can check that from a certificate. */
  readonly run: { readonly status: 'asserted'; readonly detail: string };
  /** Fingerprint of the signing key; with `signature.status` `unknown` only what the file says. */
  readonly signer: string | undefined;
  readonly files: readonly FileCheck[];
  /** Present only if its signature is valid and its form is right. */
  readonly statement: Statement | undefined;
  /** Only if asked for, and only if the signature is not valid. */
  readonly unverifiedStatement: Statement | undefined;
  /** Why the file, or the statement in it, could not be read. */
  readonly damaged: string | undefined;
}

/** Whether all three verdicts hold. */
export function passes({ signature, model, accounting }: Verification): boolean {
  return [signature, model, accounting].every(({ status }) => status === 'pass');
}

/**
 * Verifies a certificate. Its bytes come from a stranger: whatever they are, the answer is verdicts, never an exception.
 * @throws UserError for a trusted key that is not one.
 */
export async function verifyCertificate(bytes: Uint8Array, options: VerifyOptions): Promise<Verification> {
  const opened = openBundle(bytes, options.trustedKeys);
  const run = {
    status: 'asserted',
    detail: `That the run happened as described is asserted by the signer${opened.payload !== undefined && opened.signer !== undefined ? ` (${opened.signer})` : ''}; it cannot be checked from a certificate.`,
  } as const;
  const base = { signature: opened.signature, signer: opened.signer, run };
  if (opened.payload === undefined) {
    const shown = options.showUnverified === true && opened.unverifiedPayload !== undefined ? readPayload(opened.unverifiedPayload, statementSchema) : undefined;
    const notChecked: Verdict = { status: 'unknown', detail: 'Not checked, since the signature is not valid.' };
    return { ...base, model: notChecked, accounting: notChecked, files: [], statement: undefined, unverifiedStatement: shown instanceof JsonRefused ? undefined : shown, damaged: opened.damaged };
  }
  const statement = readPayload(opened.payload, statementSchema);
  if (statement instanceof JsonRefused) {
    const unreadable: Verdict = { status: 'fail', detail: `What is signed is not a certificate that this version can read: ${statement.message}.` };
    return { ...base, model: unreadable, accounting: unreadable, files: [], statement: undefined, unverifiedStatement: undefined, damaged: statement.message };
  }
  const { verdict, files } = await checkModel(statement.subject, options.modelFiles);
  return { ...base, model: verdict, files, accounting: checkAccounting(statement), statement, unverifiedStatement: undefined, damaged: undefined };
}

async function checkModel(subject: readonly Subject[], modelFiles: VerifyOptions['modelFiles']): Promise<{ readonly verdict: Verdict; readonly files: readonly FileCheck[] }> {
  if (modelFiles === undefined) return { verdict: { status: 'unknown', detail: 'Not checked, since no model was given.' }, files: [] };
  const digestOf = typeof modelFiles === 'function' ? modelFiles : (name: string) => modelFiles.get(name);
  const files: FileCheck[] = [];
  for (const { name, digest } of subject) {
    let found: string | undefined;
    try {
      found = await digestOf(name);
    } catch (error) {
      return { verdict: { status: 'unknown', detail: `The file ${name} could not be read: ${error instanceof Error ? error.message : String(error)}` }, files };
    }
    files.push({ name, state: found === undefined ? 'missing' : found.toLowerCase() === digest.sha256 ? 'matches' : 'different' });
  }
  if (typeof modelFiles !== 'function') {
    const certified = new Set(subject.map(({ name }) => name));
    for (const name of modelFiles.keys()) if (!certified.has(name)) files.push({ name, state: 'extra' });
  }
  const wrong = files.filter(({ state }) => state !== 'matches');
  if (wrong.length > 0) return { verdict: { status: 'fail', detail: `This is not the certified model: ${wrong.map(({ name, state }) => `${name} is ${state}`).join(', ')}.` }, files };
  return { verdict: { status: 'pass', detail: files.length === 1 ? 'The model file is the certified one.' : `All ${files.length} model files are the certified ones.` }, files };
}

function checkAccounting(statement: Statement): Verdict {
  const found = inconsistencies(statement);
  if (found.length > 0) return { status: 'fail', detail: found.map(({ message }) => message).join(' ') };
  const { guarantee } = statement.predicate;
  let wrong: string | undefined;
  try {
    wrong = disagreement(statement.predicate);
  } catch (error) {
    wrong = `The accountant refuses the schedule: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (wrong !== undefined) return { status: 'fail', detail: wrong };
  return { status: 'pass', detail: `The schedule gives ε = ${Number(guarantee[guarantee.reference].epsilon.toPrecision(6))} at δ = ${guarantee.delta}, within the stated ε = ${guarantee.epsilon}.` };
}
