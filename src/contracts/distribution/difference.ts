/*
 * Defines when two columns are distributed differently. Two measures, from the rows of both in the same bins:
 *
 * 1. How much? The population stability index, the sum of (q - p) ln(q / p) over the shares p of the reference and q of the
 *    current rows. Half a row more in each bin keeps it finite. All bins that the reference had no row in count as one.
 * 2. How surely? Pearson's chi-square of the two columns of counts against what chance gives for just these counts: its
 *    exact mean and variance (Dawson, Biometrika 41, 1954), made normal by Wilson and Hilferty's cube root. Unlike the
 *    textbook's degrees of freedom this holds for ten rows in two hundred categories too: simulated for 10 to 20,000 rows
 *    of even and very uneven distributions over 2 to 200 bins, chance reached DEVIATIONS_SURE 0 to 4 times in a thousand.
 *    Here bins without a row in the reference stay apart: joined because they are empty, they would look too full.
 *
 * A check computes it in SQL, where the rows are, all other code in TypeScript; a test compares both.
 */

/** Rows in one bin. */
export interface BinRows {
  readonly reference: number;
  readonly current: number;
}

export interface Difference {
  /** How much: 0 for equal shares. The usual reading: a little from 0.1 on, much from 0.25 on. */
  readonly stabilityIndex: number;
  /** The significance: by how many standard deviations of a normal variable the counts differ more than by chance. */
  readonly deviations: number;
}

/** Chance reaches it about once in a thousand comparisons. */
export const DEVIATIONS_SURE = 3.09;

const SMOOTHED_ROWS = 0.5;
/** The smallest number of rows for which the variance of chi-square is known. */
const ROWS_MIN = 4;
/** When every row has its own bin, there is no variance to divide by. */
const SPREAD_MIN = 1e-12;

/** How the current rows differ from those of the reference; not at all when either side is empty. */
export function differenceOf(bins: readonly BinRows[]): Difference {
  const filled = bins.filter(({ reference, current }) => reference + current > 0);
  const [m, n] = [total(filled, 'reference'), total(filled, 'current')];
  if (m === 0 || n === 0) return { stabilityIndex: 0, deviations: 0 };
  const stabilityIndex = stabilityByBin(filled).reduce((sum, part) => sum + part, 0);
  return { stabilityIndex, deviations: deviations(filled, { m, n }) };
}

interface Sizes {
  readonly m: number;
  readonly n: number;
}

/**
 * What each bin adds to the stability index, in the order of the bins. Bins without a row in the reference, which count
 * as one, divide its part by their rows.
 */
export function stabilityByBin(bins: readonly BinRows[]): readonly number[] {
  const [m, n] = [total(bins, 'reference'), total(bins, 'current')];
  if (m === 0 || n === 0) return bins.map(() => 0);
  const known = bins.filter(({ reference }) => reference > 0);
  const fresh = n - total(known, 'current');
  const smoothed = SMOOTHED_ROWS * comparedCount(bins);
  const partOf = ({ reference, current }: BinRows): number => {
    const [p, q] = [(reference + SMOOTHED_ROWS) / (m + smoothed), (current + SMOOTHED_ROWS) / (n + smoothed)];
    return (q - p) * Math.log(q / p);
  };
  const freshPart = partOf({ reference: 0, current: fresh });
  return bins.map((bin) => {
    if (bin.reference > 0) return partOf(bin);
    return bin.current > 0 ? (freshPart * bin.current) / fresh : 0;
  });
}

/** How many bins the stability index compares: all that the reference had no row in count as one. */
export function comparedCount(bins: readonly BinRows[]): number {
  const known = bins.filter(({ reference }) => reference > 0).length;
  return bins.some(({ reference, current }) => reference === 0 && current > 0) ? known + 1 : known;
}

function deviations(filled: readonly BinRows[], { m, n }: Sizes): number {
  const [rows, k] = [m + n, filled.length];
  if (rows < ROWS_MIN || k < 2) return 0;
  const chiSquare = chiSquareOf(filled);
  const inverse = filled.reduce((sum, { reference, current }) => sum + 1 / (reference + current), 0);
  const mean = (rows * (k - 1)) / (rows - 1);
  const [v1, w1] = [(rows - 2) / (rows - 1), (rows / m + rows / n - 4) / (rows - 2)];
  const [v2, w2] = [((k - 1) * (rows - k)) / (rows - 1), (rows * inverse - k * k) / (rows - 2)];
  const variance = ((2 * rows) / (rows - 3)) * (v1 - w1) * (v2 - w2) + (rows ** 2 / (rows - 1)) * w1 * w2;
  const spread = Math.max(variance / (9 * mean ** 2), SPREAD_MIN);
  return (Math.cbrt(chiSquare / mean) - 1 + spread) / Math.sqrt(spread);
}

/** Pearson's two-sample chi-square of the counts; no bin and no side is empty. */
export function chiSquareOf(filled: readonly BinRows[]): number {
  const [m, n] = [total(filled, 'reference'), total(filled, 'current')];
  return filled.reduce((sum, { reference, current }) => {
    return sum + (current * m - reference * n) ** 2 / (m * n * (reference + current));
  }, 0);
}

function total(bins: readonly BinRows[], side: keyof BinRows): number {
  return bins.reduce((sum, bin) => sum + bin[side], 0);
}

/**
 * The same over the table expression `bins`, which has the columns `reference` and `current`: SQL for one row
 * `(stability_index, deviations)`, both null where either side has no rows. All databases that Weir asks read it.
 */
export function differenceSql(bins: string): string {
  const smoothed = `${SMOOTHED_ROWS} * count(*) over ()`;
  const share = (side: string): string =>
    `(${side} + ${SMOOTHED_ROWS}) / nullif(sum(${side}) over () + ${smoothed}, 0)`;
  const double = (value: string): string => `cast(${value} as double)`;
  return `
    with filled as (
      select ${double('reference')} as reference, ${double('current')} as current
      from ${bins} weir_bins where reference + current > 0
    ),
    known as (
      select reference, current from filled where reference > 0
      union all select ${double('0')}, sum(current) from filled where reference = 0 having sum(current) > 0
    ),
    shares as (select ${share('reference')} as p, ${share('current')} as q from known),
    sides as (
      select sum(reference) as m, sum(current) as n, ${double('count(*)')} as k,
        sum(1 / (reference + current)) as inverse from filled
    ),
    sizes as (select *, m + n as total from sides),
    terms as (
      select *, total * (k - 1) / (total - 1) as mean,
        (total - 2) / (total - 1) as v1, (total / m + total / n - 4) / (total - 2) as w1,
        (k - 1) * (total - k) / (total - 1) as v2, (total * inverse - k * k) / (total - 2) as w2
      from sizes where m > 0 and n > 0 and total >= ${ROWS_MIN} and k > 1
    ),
    variances as (
      select *, 2 * total / (total - 3) * (v1 - w1) * (v2 - w2) + total * total / (total - 1) * w1 * w2 as variance from terms
    ),
    chance as (select *, greatest(variance / (9 * mean * mean), ${double(String(SPREAD_MIN))}) as spread from variances),
    pearson as (
      select sum((current * m - reference * n) * (current * m - reference * n) / nullif(m * n * (reference + current), 0))
        as chi_square from filled, sizes
    )
    select case when m > 0 and n > 0 then (select sum((q - p) * ln(q / p)) from shares) end as stability_index,
      case when m > 0 and n > 0 then
        coalesce((select (cbrt(chi_square / mean) - 1 + spread) / sqrt(spread) from chance, pearson), 0) end as deviations
    from sizes`;
}
