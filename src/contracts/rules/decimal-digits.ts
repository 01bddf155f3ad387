/*
 * Numbers by their decimal digits, exactly as DuckDB's DECIMAL has them: the shortest digits that stand for the double,
 * rounded half away from zero where they are too many. 0.1 + 0.2 of decimals is 0.3.
 */

/** A decimal has at most this many digits. */
const DIGITS_MAX = 38;
const TOO_LARGE = 10n ** BigInt(DIGITS_MAX);
/** Digits after the point by which sums of a row are compared. */
export const SUM_DECIMALS = 12;
/** A double holds every whole number up to this one. */
const EXACT_MAX = 2n ** 53n;

/**
 * Up to this many steps a double resolves a billionth of a step, so that rounding errors of sums and products can be
 * tolerated.
 */
export const FORGIVEN_STEPS = 1e6;
export const FORGIVEN_SHARE = 1e-9;

/** How many digits a number has behind its point. */
export function decimalsOf(value: number): number {
  const [, fraction = '', exponent = '0'] = /^\d*(?:\.(\d*))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}

/** A number in units of its last decimal; undefined when it has too many digits before its point. */
export function maybeDecimal(value: number, decimals: number): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d*))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  // So many zeros behind the digits, or so many digits too many.
  const zeros = Number(exponent) - fraction.length + decimals;
  if (zeros > DIGITS_MAX) return BigInt(whole + fraction) === 0n ? 0n : undefined;
  const unsigned = scaled(BigInt(whole + fraction), zeros);
  if (unsigned >= TOO_LARGE) return undefined;
  return sign === '-' ? -unsigned : unsigned;
}

function scaled(digits: bigint, zeros: number): bigint {
  if (zeros >= 0) return digits * 10n ** BigInt(zeros);
  // Below half of the smallest unit, whatever the digits.
  if (-zeros > DIGITS_MAX) return 0n;
  const unit = 10n ** BigInt(-zeros);
  return (digits + unit / 2n) / unit;
}

/** The sum, undefined when it has more digits than a decimal. */
export function maybeSum(parts: readonly bigint[]): bigint | undefined {
  let sum = 0n;
  for (const part of parts) {
    sum += part;
    if (sum >= TOO_LARGE || sum <= -TOO_LARGE) return undefined;
  }
  return sum;
}

/** A decimal as a double. DuckDB rounds a long one twice: its whole part, and the rest of it. */
export function toDouble(decimal: bigint, decimals: number): number {
  const unit = 10n ** BigInt(decimals);
  if (decimal <= EXACT_MAX && decimal >= -EXACT_MAX) return Number(decimal) / Number(unit);
  return Number(decimal / unit) + Number(decimal % unit) / Number(unit);
}

/** Whether a number is a whole multiple of the step, by its digits or within what computing leaves behind. */
export function isMultiple(value: number, step: number): boolean {
  const decimals = decimalsOf(step);
  const [digits, unit = 1n] = [maybeDecimal(value, decimals), maybeDecimal(step, decimals)];
  // A number too large for a decimal has no digits so far behind its point.
  if (digits === undefined) return true;
  const isExact = Number(`${digits}e${-decimals}`) === value && digits % unit === 0n;
  const steps = value / step;
  const isNear = Math.abs(steps) < FORGIVEN_STEPS && Math.abs(steps - Math.round(steps)) <= FORGIVEN_SHARE;
  return isExact || isNear;
}

/** Whether a number has so many digits at most, `scale` of them behind its point. */
export function hasDigits(
  value: number,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): boolean {
  const digits = maybeDecimal(value, scale);
  return digits !== undefined && Number(`${digits}e${-scale}`) === value && Math.abs(value) < 10 ** (precision - scale);
}
