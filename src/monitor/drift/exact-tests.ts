/*
 * Probabilities that hold for any number of rows, because they are counted and not approximated. Given the values of both
 * sides together, every way to divide them between reference and window is equally probable when nothing has drifted.
 * Counts and rounded numbers are full of ties, which the usual tables ignore: they give too large a probability, and miss drift.
 */
import type { BinRows } from '#contracts';
import { logChoose } from './probability.ts';

/** About a tenth of a second; beyond it, approximations are good to many digits. */
const CELLS_MAX = 20_000_000;
/** Equal statistics may differ in the last digits. */
const ROUNDING = 1e-12;

/**
 * Probability that two samples without drift are at least this far apart (Kolmogorov and Smirnov, two-sided), given all
 * their ties: as R's `ks.test(exact = TRUE)`, and without ties as SciPy's `ks_2samp(method='exact')`. It is the
 * probability that a random path from (0, 0) to (m, n) is outside |i/m - j/n| < distance at the end of some group of equal
 * values (Schröer and Trenkler, Computational Statistics & Data Analysis 20, 1995). Both ascending, neither empty.
 * Undefined when it would take too long.
 */
export function maybeExactDistanceTail(
  { reference, current }: { readonly reference: Float64Array; readonly current: Float64Array },
  distance: number,
): number | undefined {
  const [m, n] = [reference.length, current.length];
  if (distance <= ROUNDING) return 1;
  const width = 2 * distance * ((m * n) / (m + n));
  if ((m + n) * Math.min(width, m, n) > CELLS_MAX) return undefined;
  const band = new Band({ m, n, distance: distance - ROUNDING });
  for (const end of endsOfTies(reference, current)) {
    while (band.drawn < end.reference + end.current) band.draw();
    band.leave();
    if (band.isLeft) return 1;
  }
  return band.leftAtEnd;
}

/** Paths by how many of the drawn values are of the reference, with the probability that each has left the band by then. */
class Band {
  drawn = 0;
  /** Sure outside `#low` to `#high`. */
  readonly #left: Float64Array;
  #low = 0;
  #high = 0;
  readonly #size: { readonly m: number; readonly n: number; readonly distance: number };

  constructor(size: { readonly m: number; readonly n: number; readonly distance: number }) {
    this.#size = size;
    this.#left = new Float64Array(size.m + 2);
  }

  /** One more value; the last of `drawn` is equally probable to be any of them. */
  draw(): void {
    const left = this.#left;
    const { m, n } = this.#size;
    if (this.#low > 0) left[this.#low - 1] = 1;
    left[this.#high + 1] = 1;
    this.drawn += 1;
    this.#low = Math.max(this.#low, this.drawn - n);
    this.#high = Math.min(this.#high + 1, m, this.drawn);
    for (let i = this.#high; i >= this.#low; i -= 1) {
      const share = i / this.drawn;
      left[i] = share * (left[i - 1] ?? 0) + (1 - share) * (left[i] ?? 0);
    }
  }

  /** Paths outside the band have left it, whatever follows. */
  leave(): void {
    while (this.#low <= this.#high && this.#isOutside(this.#low)) this.#low += 1;
    while (this.#high >= this.#low && this.#isOutside(this.#high)) this.#high -= 1;
  }

  get isLeft(): boolean {
    return this.#low > this.#high;
  }

  get leftAtEnd(): number {
    return Math.min(this.#left[this.#size.m] ?? 1, 1);
  }

  #isOutside(i: number): boolean {
    const { m, n, distance } = this.#size;
    return Math.abs(i / m - (this.drawn - i) / n) >= distance;
  }
}

/** How many values of each side are at most as large as each value that occurs, in order. Both ascending. */
export function* endsOfTies(reference: Float64Array, current: Float64Array): Generator<BinRows> {
  const end = { reference: 0, current: 0 };
  while (end.reference < reference.length || end.current < current.length) {
    const value = Math.min(
      reference[end.reference] ?? Number.POSITIVE_INFINITY,
      current[end.current] ?? Number.POSITIVE_INFINITY,
    );
    while (reference[end.reference] === value) end.reference += 1;
    while (current[end.current] === value) end.current += 1;
    yield end;
  }
}

/**
 * Probability that the counts of two samples without drift have at least this chi-square, given the totals of categories
 * and samples: the sum over all tables with these totals (Freeman and Halton, Biometrika 38, 1951, with Pearson's
 * statistic). Undefined when there are more of them than `tablesMax`; ten thousand take about a millisecond.
 */
export function maybeExactChiSquareTail(categories: readonly BinRows[], tablesMax: number): number | undefined {
  const totals = categories.map(({ reference, current }) => reference + current);
  const current = categories.reduce((sum, category) => sum + category.current, 0);
  const rows = totals.reduce((sum, total) => sum + total, 0);
  if (countTables(totals, current) > tablesMax) return undefined;
  const share = current / rows;
  const statisticOf = (total: number, count: number): number => (count - total * share) ** 2 / total;
  const least = categories.reduce((sum, each, at) => sum + statisticOf(totals[at] ?? 0, each.current), 0);
  const lists = totals.map((total) => ({
    total,
    statistics: Float64Array.from({ length: Math.min(total, current) + 1 }, (_, count) => statisticOf(total, count)),
    logs: Float64Array.from({ length: Math.min(total, current) + 1 }, (_, count) => logChoose(total, count)),
  }));
  const from = (at: number): number => totals.slice(at).reduce((sum, total) => sum + total, 0);
  const behind = totals.map((_, at) => from(at + 1));
  const logAll = logChoose(rows, current);
  const needed = least * (1 - ROUNDING) - ROUNDING;
  return Math.min(tailFrom(0, { left: current, statistic: 0, log: -logAll }), 1);

  function tailFrom(
    at: number,
    so: { readonly left: number; readonly statistic: number; readonly log: number },
  ): number {
    const list = lists[at];
    if (list === undefined) return so.statistic >= needed ? Math.exp(so.log) : 0;
    let sum = 0;
    const first = Math.max(0, so.left - (behind[at] ?? 0));
    for (let count = first; count <= Math.min(so.left, list.total); count += 1) {
      const statistic = so.statistic + (list.statistics[count] ?? 0);
      sum += tailFrom(at + 1, { left: so.left - count, statistic, log: so.log + (list.logs[count] ?? 0) });
    }
    return sum;
  }
}

/** In how many ways the categories can give the rows of one sample. */
function countTables(totals: readonly number[], rows: number): number {
  let ways = new Float64Array(rows + 1);
  ways[0] = 1;
  for (const total of totals) {
    const next = new Float64Array(rows + 1);
    let sum = 0;
    for (let given = 0; given <= rows; given += 1) {
      sum += (ways[given] ?? 0) - (ways[given - total - 1] ?? 0);
      next[given] = sum;
    }
    ways = next;
  }
  return ways[rows] ?? 0;
}
