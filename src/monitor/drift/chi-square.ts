import { type BinRows, chiSquareOf, differenceOf } from '#contracts';
import { maybeExactChiSquareTail } from './exact-tests.ts';
import { chiSquareTail, normalTail, valueOfTail } from './probability.ts';
import type { TestResult } from './test-result.ts';

/** With fewer rows expected in a category, the usual chi-square is not reliable (Cochran, Biometrics 10, 1954). */
const EXPECTED_MIN = 5;
/** How many tables are counted where the usual chi-square holds as well, and where it does not. */
const TABLES_MAX = { usual: 5_000, unusual: 200_000 } as const;

/**
 * Two-sample chi-square of the rows of each category. (The one-sample form takes the reference for the truth, and is wrong
 * three times in four at 900 against 3,000 rows.) Its probability is exact where few tables are possible, the usual one
 * where every category has rows enough, and from the exact moments otherwise (`differenceOf`). The effect is half the sum
 * of differences of shares. Undefined when there are fewer than two categories.
 */
export function maybeChiSquare(categories: readonly BinRows[]): TestResult | undefined {
  const filled = categories.filter(({ reference, current }) => reference + current > 0);
  if (filled.length < 2) return undefined;
  const [m, n] = [total(filled, 'reference'), total(filled, 'current')];
  const apart = filled.reduce((sum, { reference, current }) => sum + Math.abs(reference / m - current / n), 0);
  const effect = apart / 2;
  const usual = maybeUsualTail(filled, { m, n });
  const tablesMax = usual === undefined ? TABLES_MAX.unusual : TABLES_MAX.usual;
  const pValue = maybeExactChiSquareTail(filled, tablesMax) ?? usual ?? normalTail(differenceOf(filled).deviations);
  const degrees = filled.length - 1;
  return {
    effect,
    pValue,
    smallestEffect: (pValueMax) => smallestEffect({ effect, pValue, degrees, perRow: 1 / m + 1 / n }, pValueMax),
  };
}

/** As SciPy's `chi2_contingency(correction=False)`; undefined where rows are too few for it. */
function maybeUsualTail(
  categories: readonly BinRows[],
  { m, n }: { readonly m: number; readonly n: number },
): number | undefined {
  const least = Math.min(...categories.map(({ reference, current }) => reference + current));
  if ((least * Math.min(m, n)) / (m + n) < EXPECTED_MIN) return undefined;
  return chiSquareTail(chiSquareOf(categories), categories.length - 1);
}

interface Found {
  readonly effect: number;
  readonly pValue: number;
  readonly degrees: number;
  readonly perRow: number;
}

/**
 * Were the shares moved further, or less far, in the direction found, chi-square would grow with the square of the effect.
 * Where nothing differs there is no direction: then the effect that is significant in every one (Cauchy and Schwarz).
 */
function smallestEffect({ effect, pValue, degrees, perRow }: Found, pValueMax: number): number {
  const tail = (value: number): number => chiSquareTail(value, degrees);
  const [found, wanted] = [valueOfTail(tail, pValue), valueOfTail(tail, pValueMax)];
  return found > 0 && effect > 0 ? effect * Math.sqrt(wanted / found) : Math.sqrt(wanted * perRow) / 2;
}

function total(categories: readonly BinRows[], side: keyof BinRows): number {
  return categories.reduce((sum, rows) => sum + rows[side], 0);
}
