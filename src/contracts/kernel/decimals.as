// AssemblyScript: decimals of at most 18 digits, by the form that decimal.ts names.

const PLUS: u8 = 43;
const MINUS: u8 = 45;
const POINT: u8 = 46;
const ZERO: u8 = 48;

/** The last decimal that was read, in units of its last digit. */
export let units: i64 = 0;

/** Reads a decimal of so many digits in all and behind its point; zeros before and behind them do not count. */
export function readDecimal(start: i32, end: i32, precision: i32, scale: i32): bool {
  const sign = load<u8>(start);
  const first = sign == MINUS || sign == PLUS ? start + 1 : start;
  let left = precision - scale;
  let digits: u64 = 0;
  let at = first;
  for (; at < end; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit > 9) break;
    if ((digits | digit) != 0 && --left < 0) return false;
    digits = digits * 10 + digit;
  }
  let seen = at - first;
  left = scale;
  if (at < end) {
    if (load<u8>(at) != POINT) return false;
    const behind = ++at;
    for (; at < end; at++) {
      const digit = load<u8>(at) - ZERO;
      if (digit > 9) return false;
      if (left > 0) {
        digits = digits * 10 + digit;
        left--;
      } else if (digit != 0) return false;
    }
    seen += at - behind;
  }
  if (seen == 0) return false;
  for (; left > 0; left--) digits *= 10;
  units = sign == MINUS ? -<i64>digits : <i64>digits;
  return true;
}
