/*
 * Times of day and durations, to the microsecond; what is smaller is cut off. A duration has weeks, or days, hours, minutes
 * and seconds: a day has 24 hours. Years and months have no length of their own, and are none.
 */

/** At most seven digits, and twelve of seconds: together they fit 64 bits of microseconds. */
const COUNT = '[0-9]{1,7}';
const SECONDS = '[0-9]{1,12}(\\.[0-9]{1,9})?S';
const CLOCK = `T(${COUNT}H(${COUNT}M)?(${SECONDS})?|${COUNT}M(${SECONDS})?|${SECONDS})`;
/** Durations of ISO 8601, with a sign before them: `P1DT2H`, `-PT0.5S`, `P2W`. */
export const DURATION = `[+-]?P(${COUNT}W|${COUNT}D(${CLOCK})?|${CLOCK})`;
/** Times of day of ISO 8601 without a zone: `09:30`, `09:30:15.25`. */
export const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?';
/** Of a time: `hh:mm:ss.uuuuuu`. */
export const TIME_LENGTH = 15;

const MICROSECONDS = 1_000_000n;
/** Seconds of what a letter of a duration counts. */
export const UNITS: Readonly<Record<string, number>> = { W: 604_800, D: 86_400, H: 3600, M: 60, S: 1 };

/** Microseconds since midnight of a valid time of day. */
export function timeOf(text: string): bigint {
  const [hours = '', minutes = '', rest = '0'] = text.split(':');
  const [seconds = '0', fraction] = rest.split('.');
  return BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * MICROSECONDS + fractionOf(fraction);
}

/** Microseconds of a valid duration. */
export function durationOf(text: string): bigint {
  let sum = 0n;
  for (const [, count = '', fraction, unit = ''] of text.matchAll(/([0-9]{1,12})(?:\.([0-9]{1,9}))?([WDHMS])/g))
    sum += BigInt(count) * BigInt(UNITS[unit] ?? 0) * MICROSECONDS + fractionOf(fraction);
  return text.startsWith('-') ? -sum : sum;
}

function fractionOf(digits = ''): bigint {
  return BigInt(digits.padEnd(6, '0').slice(0, 6));
}
