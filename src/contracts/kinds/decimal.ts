import type { ColumnKind, DecimalKind } from '../cell.ts';

/*
 * Decimals by their digits: never by a double, which has 15 of them. A decimal is written with digits and at most one point,
 * without an exponent. It has at most `precision` digits, zeros before them left out, and at most `scale` of them behind the
 * point, zeros behind them left out: `007.500` is a decimal(3,2), and `7.501` is none.
 */

/** How many digits a decimal has, as DECIMAL(p, s) of SQL. */
export interface DecimalSize {
  /** Most digits in all. */
  readonly precision: number;
  /** Digits behind the point. */
  readonly scale: number;
}

/** Decimals of SQL, Parquet and Arrow have no more digits in 128 bits. */
export const PRECISION_MAX = 38;
/** A double tells so many digits apart. */
const DOUBLE_DIGITS = 15;

const KIND = /^decimal\((0|[1-9]\d?),(0|[1-9]\d?)\)$/;
const NUMERAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const sizes = new Map<string, DecimalSize>();

export function isDecimal(kind: ColumnKind): kind is DecimalKind {
  return kind.startsWith('decimal(');
}

/** Whether a text names a kind of decimals that there is. */
export function isDecimalKind(text: string): text is DecimalKind {
  const [, precision, scale] = KIND.exec(text) ?? [];
  return precision !== undefined && isSize({ precision: Number(precision), scale: Number(scale) });
}

export function isSize({ precision, scale }: DecimalSize): boolean {
  const areWhole = Number.isInteger(precision) && Number.isInteger(scale);
  return areWhole && precision >= 1 && precision <= PRECISION_MAX && scale >= 0 && scale <= precision;
}

export function decimalKind({ precision, scale }: DecimalSize): DecimalKind {
  return `decimal(${precision},${scale})`;
}

export function sizeOf(kind: DecimalKind): DecimalSize {
  const known = sizes.get(kind);
  if (known !== undefined) return known;
  const [, precision, scale] = KIND.exec(kind) ?? [];
  const size = { precision: Number(precision), scale: Number(scale) };
  sizes.set(kind, size);
  return size;
}

/** Texts that are decimals of this size, as a regular expression that RE2 and JavaScript share. */
export function decimalForms({ precision, scale }: DecimalSize): readonly string[] {
  const whole = precision - scale;
  const digits = whole === 0 ? '0+' : `0*[0-9]{1,${whole}}`;
  const fraction = scale === 0 ? '0*' : `[0-9]{0,${scale}}0*`;
  const alone = scale === 0 ? '0+' : `[0-9]{1,${scale}}0*`;
  return [`[+-]?${digits}(\\.${fraction})?`, `[+-]?\\.${alone}`];
}

/** A decimal in its one spelling: as many digits behind the point as its scale, and zero without a sign. */
export function toDecimalText(text: string, { scale }: DecimalSize): string {
  return unscaledText(scaledOf(text, scale), scale);
}

/** So many units of its last digit, as a decimal in its one spelling. */
export function unscaledText(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** A number as it is written, times ten to the power of `scale`; what is smaller is cut off. */
export function scaledOf(text: string, scale: number): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMERAL.exec(text) ?? [];
  const zeros = scale - fraction.length + Number(exponent);
  const digits = `${whole}${fraction}`;
  const kept = zeros >= 0 ? digits + '0'.repeat(Math.min(zeros, SHIFT_MAX)) : digits.slice(0, zeros);
  const units = BigInt(kept === '' ? 0 : kept);
  return sign === '-' ? -units : units;
}

/** Beyond the digits of any double. */
const SHIFT_MAX = 400;

/** A JSON number as text; undefined where its digits need not be those that were written, as a double has 15 only. */
export function maybeWritten(value: number): string | undefined {
  const text = String(value);
  const digits = text.replace(/^-?0*\.?0*/, '').replace(/[-.]/g, '');
  return digits.length <= DOUBLE_DIGITS && !text.includes('e') && Number.isFinite(value) ? text : undefined;
}

/** A number as it is written, rounded half away from zero to so many digits behind its point. */
export function roundedText(text: string, scale: number): string {
  // One digit more decides; those behind it do not matter.
  const units = scaledOf(text, scale + 1);
  const size = ((units < 0n ? -units : units) + 5n) / 10n;
  return unscaledText(units < 0n ? -size : size, scale);
}

/** A number as it is written, times a power of ten, by its digits. */
export function shiftedText(text: string, power: number): string {
  const [, , , fraction = '', exponent = '0'] = NUMERAL.exec(text) ?? [];
  const scale = Math.max(0, fraction.length - Number(exponent)) - power;
  const written = unscaledText(scaledOf(text, scale + power), scale);
  if (!written.includes('.')) return written;
  let end = written.length;
  while (written[end - 1] === '0') end--;
  return written.slice(0, written[end - 1] === '.' ? end - 1 : end);
}
