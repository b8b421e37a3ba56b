import { localNumber, spoken } from './l10n';

/** A number for reading in the user's language: at most `digits` significant ones, powers of ten where they help. */
export function format(value: number, digits = 4): string {
  return localNumber(english(value, digits));
}

function english(value: number, digits: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : String(value);
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-3) {
    const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
    return `${trim(mantissa)}e${Number(exponent)}`;
  }
  return magnitude >= 10 ** digits ? String(Math.round(value)) : trim(value.toPrecision(digits));
}

export function count(value: number): string {
  return value.toLocaleString(spoken());
}

export function percent(value: number, digits = 2): string {
  return `${localNumber((100 * value).toFixed(digits))} %`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.ceil(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${localNumber((seconds / 3600).toFixed(1))} h`;
}

function trim(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
