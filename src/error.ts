/**
 * The one error that users see: what is wrong, in which file and field, and what to do about it.
 * Anything else that is thrown is a defect of this program and is reported as one.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Stable, kebab-case, for tests and for machines: `model-truncated`, `forget-nothing`. */
  readonly code: string;
  /** The file at fault, as the user named it. */
  readonly file: string | undefined;
  /** The field of that file at fault, as a JSON path: `forget.rows[3]`. */
  readonly field: string | undefined;
  /** What the user can do about it, as one sentence. */
  readonly remedy: string | undefined;

  constructor(code: string, message: string, where: { file?: string | undefined; field?: string | undefined; remedy?: string | undefined; cause?: unknown } = {}) {
    super(message, where.cause === undefined ? undefined : { cause: where.cause });
    this.code = code;
    this.file = where.file;
    this.field = where.field;
    this.remedy = where.remedy;
  }
}

/** One line for a terminal or a notification: `mnist.unlearn.json, forget.rows: the row 70000 … Use …`. */
export function describe(error: UserError): string {
  const place = [error.file, error.field].filter((part) => part !== undefined).join(', ');
  return [place === '' ? error.message : `${place}: ${error.message}`, error.remedy].filter((part) => part !== undefined).join(' ');
}

/** The remedy of what no input can bring about, only a mistake in this program. */
export const reportIt = 'Nothing was released. This is a defect of Certified Unlearning: please report it with this message.';

/** The first line of what a library threw, for a sentence of our own. */
export function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
