import type { Reference } from '../expectations/near-reference.ts';
import type { ColumnProfile, NumberSummary } from './profile.ts';

const SHARE_MIN = 0.0005;

/** Population stability index of two columns, by the reference's histogram or values; undefined where neither is known. */
export function stabilityIndex(
  then: ColumnProfile,
  now: ColumnProfile,
  [rowsThen, rowsNow]: readonly [number, number],
): number | undefined {
  const filled = [rowsThen - then.nulls, rowsNow - now.nulls] as const;
  if (filled[0] <= 0 || filled[1] <= 0) return undefined;
  if (then.numbers !== undefined && now.numbers !== undefined) {
    const edges = innerEdges(then.numbers);
    return index(cumulated(then.numbers, edges), cumulated(now.numbers, edges));
  }
  if (then.top === undefined || now.top === undefined) return undefined;
  const names = [...new Set([...then.top, ...now.top].map(({ value }) => value))];
  const shares = (column: ColumnProfile, total: number): readonly number[] =>
    names.map((name) => (column.top?.find(({ value }) => value === name)?.rows ?? 0) / total);
  return index(shares(then, filled[0]), shares(now, filled[1]));
}

/** How a profiled column is distributed, for `nearReference()`; undefined for columns of very many texts. */
export function referenceOf(column: ColumnProfile, rows: number): Reference | undefined {
  const filled = rows - column.nulls;
  if (filled <= 0) return undefined;
  if (column.numbers !== undefined) {
    const { min, max } = column.numbers;
    const inner = innerEdges(column.numbers);
    return { kind: 'number', rows: filled, edges: [min, ...inner, max], shares: cumulated(column.numbers, inner) };
  }
  if (column.top === undefined) return undefined;
  const shares = Object.fromEntries(column.top.map(({ value, rows: count }) => [value, count / filled]));
  return { kind: 'category', rows: filled, shares };
}

/** Quartiles of the reference, without those that coincide. */
function innerEdges({ quantiles, max }: NumberSummary): readonly number[] {
  return [...new Set(quantiles.slice(1, -1))].filter((edge) => edge < max);
}

/** Shares between the edges, read off the histogram as if rows lay evenly within each of its parts. */
function cumulated(numbers: NumberSummary, edges: readonly number[]): readonly number[] {
  const below = [...edges.map((edge) => shareBelow(numbers, edge)), 1];
  return below.map((share, at) => share - (below[at - 1] ?? 0));
}

function shareBelow({ min, max, histogram }: NumberSummary, edge: number): number {
  const total = histogram.reduce((sum, rows) => sum + rows, 0);
  if (edge >= max) return 1;
  if (edge < min || max === min) return 0;
  const at = ((edge - min) / (max - min)) * histogram.length;
  const whole = histogram.slice(0, Math.floor(at)).reduce((sum, rows) => sum + rows, 0);
  return (whole + (histogram[Math.floor(at)] ?? 0) * (at - Math.floor(at))) / total;
}

function index(expected: readonly number[], actual: readonly number[]): number {
  return expected.reduce((sum, share, at) => {
    const [one, other] = [Math.max(SHARE_MIN, share), Math.max(SHARE_MIN, actual[at] ?? 0)];
    return sum + (other - one) * Math.log(other / one);
  }, 0);
}
