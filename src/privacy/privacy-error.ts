/** Why the accountant refused. */
export type PrivacyErrorCode =
  /** A method or a reference that is not accounted for here; nothing falls back to a guess. */
  | 'unknown-method'
  | 'unknown-reference'
  /** The method gives no guarantee against the reference asked for. */
  | 'reference-unavailable'
  /** A missing, extra or mistyped field. */
  | 'malformed'
  /** A number outside the range that its field documents. */
  | 'out-of-range'
  /** A schedule that does not meet its target. */
  | 'target-not-met'
  /** A target that no value of the unknown meets. */
  | 'target-unreachable';

/** The only error that `src/privacy` throws. */
export class PrivacyError extends Error {
  override readonly name = 'PrivacyError';
  readonly code: PrivacyErrorCode;
  /** The value at fault, as a path: `steps[3].sigma`. */
  readonly field: string | undefined;
  /** What to do about it, as one sentence. */
  readonly remedy: string;

  constructor(code: PrivacyErrorCode, message: string, { field, remedy }: { readonly field?: string | undefined; readonly remedy: string }) {
    super(message);
    this.code = code;
    this.field = field;
    this.remedy = remedy;
  }
}
