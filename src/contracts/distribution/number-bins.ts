/**
 * How numbers are distributed, with exact counts: `rows[i]` lie above `edges[i]` up to and with `edges[i + 1]`; the
 * first bin has its lower edge too. An edge that occurs twice is a bin of that value alone, so that a frequent value is
 * never counted together with its neighbours.
 */
export interface NumberBins {
  readonly edges: readonly number[];
  readonly rows: readonly number[];
}

/** Quantiles taken for bins: a value that fills more than about this part of the rows has a bin of its own. */
export const GRID_PARTS = 100;
/** A column with at most this many distinct values has a bin for each. */
export const ALONE_MAX = 100;

/** A comparison has about this many bins, the usual number: fewer miss shifts, more are dominated by chance. */
const COMPARED_PARTS = 10;
/** Bins with fewer rows than this have edges that are mostly chance. */
const COMPARED_ROWS_MIN = 20;
/** In a comparison a value keeps a bin of its own when it fills half a usual one, or when the column has no more values. */
const ALONE_PARTS = 2 * COMPARED_PARTS;
/** How often a value must occur on average for the values, and not the rows, to count as few. */
const ALONE_ROWS_MEAN = 5;

/** Edges from quantiles at equal distances, in order: one that repeats is a value of many rows. */
export function edgesOf(quantiles: readonly number[]): readonly number[] {
  return quantiles.filter((value, at) => value !== quantiles[at - 1] || value !== quantiles[at - 2]);
}

/** Edges that give each of the values, in order, a bin of its own. */
export function edgesAround(values: readonly number[]): readonly number[] {
  return values.flatMap((value) => [value, value]);
}

/** The largest number that belongs to each bin. */
export function uppersOf(edges: readonly number[]): readonly number[] {
  return edges.slice(1).map((edge, bin) => {
    const isAlone = edge === edges[bin];
    return !isAlone && edge === edges[bin + 2] ? justBelow(edge) : edge;
  });
}

/** Bins of numbers in ascending order. */
export function binsOfSorted(sorted: Float64Array): NumberBins {
  const edges = edgesOfSorted(sorted);
  const uppers = uppersOf(edges);
  return { edges, rows: betweenUppers(uppers, (upper) => countUpTo(sorted, upper)) };
}

function edgesOfSorted(sorted: Float64Array): readonly number[] {
  const different: number[] = [];
  for (const value of sorted) {
    if (value === different.at(-1)) continue;
    if (different.length === ALONE_MAX) return edgesOf(gridOf(sorted));
    different.push(value);
  }
  return edgesAround(different);
}

function gridOf(sorted: Float64Array): readonly number[] {
  return Array.from({ length: GRID_PARTS + 1 }, (_, part) => {
    return sorted[Math.floor((part * (sorted.length - 1)) / GRID_PARTS)] ?? 0;
  });
}

/** Rows in each of the bins that end with `uppers`, by how many rows lie up to a number. */
export function betweenUppers(uppers: readonly number[], upTo: (upper: number) => number): readonly number[] {
  const below = uppers.map(upTo);
  return below.map((rows, bin) => rows - (below[bin - 1] ?? 0));
}

/** How many of the numbers, in ascending order, are no larger than the one given. */
export function countUpTo(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many rows of the bins are at most the number: exact at the edges, interpolated within a bin. */
export function rowsUpTo({ edges, rows }: NumberBins, value: number): number {
  const uppers = uppersOf(edges);
  return rows.reduce((sum, count, bin) => {
    const [lower, upper] = [edges[bin] ?? 0, uppers[bin] ?? 0];
    if (upper <= value) return sum + count;
    // Halved, because the width of a bin can exceed the range of a double.
    return lower < value ? sum + (count * (value / 2 - lower / 2)) / (upper / 2 - lower / 2) : sum;
  }, 0);
}

/** The same rows in about ten bins, with which two columns are compared. */
export function comparedBins({ edges, rows }: NumberBins): NumberBins {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const [filled, usual] = [
    rows.filter((count) => count > 0).length,
    Math.max(total / COMPARED_PARTS, COMPARED_ROWS_MIN),
  ];
  const areFew = filled <= ALONE_PARTS && total >= filled * ALONE_ROWS_MEAN;
  const rowsMin = areFew ? 0 : Math.max(total / ALONE_PARTS, COMPARED_ROWS_MIN);
  const isAlone = (bin: number): boolean => edges[bin] === edges[bin + 1];
  const isKept = (bin: number): boolean => isAlone(bin) && (rows[bin] ?? 0) >= rowsMin;
  const merged = { edges: edges.slice(0, 1), rows: [] as number[] };
  let open: number | undefined;
  const close = (upper: number): void => {
    if (open === undefined) return;
    merged.edges.push(upper);
    merged.rows.push(open);
    open = undefined;
  };
  for (const [bin, count] of rows.entries()) {
    const upper = edges[bin + 1] ?? 0;
    if (isKept(bin)) {
      close(upper);
      open = count;
      close(upper);
      continue;
    }
    open = (open ?? 0) + count;
    // What ends before a value of its own bin cannot be told from it by an edge that stands once.
    if (open >= usual && !isAlone(bin + 1)) close(upper);
  }
  close(edges.at(-1) ?? 0);
  return merged;
}

const bits = new DataView(new ArrayBuffer(8));

/** The next smaller double. */
export function justBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}
