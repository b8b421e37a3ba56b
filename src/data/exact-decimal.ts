const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,5}))?$/i;

interface Parts {
  readonly negative: boolean;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** The value is digits · 10^exponent. */
  readonly exponent: number;
}

function partsOf(text: string): Parts | undefined {
  const [, sign, whole = '', fraction = '', power = '0'] = decimal.exec(text.trim()) ?? [];
  if (sign === undefined || whole + fraction === '') return undefined;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { negative: sign === '-' && digits !== '', digits, exponent: digits === '' ? 0 : Number(power) - fraction.length + all.length - digits.length };
}

/**
 * A decimal number written in the one form that all texts of the same value share: `1.10` and `11e-1` are `11e-1`. Exact, however long: as
 * numbers of 53 bits, 12345678901234567890 and …891 would be the same.
 * @returns undefined for what is no number
 */
export function exactDecimal(text: string): string | undefined {
  const parts = partsOf(text);
  return parts && `${parts.negative ? '-' : ''}${parts.digits === '' ? '0' : parts.digits}e${parts.exponent}`;
}

/** Whether a text is an integer so large that a floating-point number of so many bits cannot tell it from its neighbours. */
export function isBeyondBits(text: string, bits: number): boolean {
  const parts = partsOf(text);
  if (parts === undefined || parts.exponent < 0) return false;
  if (parts.digits.length + parts.exponent > 40) return true;
  return BigInt(parts.digits === '' ? '0' : parts.digits) * 10n ** BigInt(parts.exponent) > 2n ** BigInt(bits);
}
