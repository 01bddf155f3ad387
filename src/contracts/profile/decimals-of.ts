import type { NumberSummary } from './profile.ts';

/** Numbers with more digits than this are measured or computed: their digits say nothing of their precision. */
const DECIMALS_MAX = 6;
/** The rest may be results of a division among written numbers. */
const SHARE_HELD = 0.95;
/** A double holds this many digits of a written number exactly: 55.032000000000004 was 55.032. */
const EXACT_DIGITS = 12;

/** Digits after the decimal point that the numbers of a column are written with; undefined where they have no end. */
export function maybeDecimalsOf({ bins: { edges } }: Pick<NumberSummary, 'bins'>): number | undefined {
  // Edges of bins are values of the column: all of them where they are few, or else about a hundred.
  const digits = edges.map(digitsAfterPoint).sort((a, b) => a - b);
  const decimals = digits[Math.ceil(digits.length * SHARE_HELD) - 1];
  return decimals === undefined || decimals > DECIMALS_MAX ? undefined : decimals;
}

function digitsAfterPoint(value: number): number {
  const [, fraction = '', exponent = '0'] =
    /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(Number(value.toPrecision(EXACT_DIGITS)))) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}
