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
  readonly remedy: string;

  constructor(code: string, message: string, { file, field, remedy, cause }: { readonly file?: string | undefined; readonly field?: string | undefined; readonly remedy: string; readonly cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = file;
    this.field = field;
    this.remedy = remedy;
  }
}

/**
 * One line for a terminal or a notification: `mnist.unlearn.json, forget.rows: the row 70000 … Use …`.
 * @param told What is English here, in the user's language.
 */
export function describe({ file, field, message, remedy }: Pick<UserError, 'message' | 'remedy'> & Partial<Pick<UserError, 'file' | 'field'>>, told: (english: string) => string = (english) => english): string {
  const place = [file, field].filter((part) => part !== undefined).join(', ');
  return `${place === '' ? '' : `${place}: `}${asSentence(told(message))} ${told(remedy)}`;
}

/** Ends a text with a full stop unless it ends a sentence already, so that another can follow. */
function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** The remedy of what no input can bring about, only a mistake in this program. */
export const reportIt = 'Nothing was released. This is a defect of Certified Unlearning: please report it with this message.';

/** The first line of what a library threw, for a sentence of our own. */
export function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
