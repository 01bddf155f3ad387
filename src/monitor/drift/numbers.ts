import type { ColumnSample } from './sample.ts';

/** Figures of the numbers of one sample, for display; no verdict is made of them. */
export interface NumberFigures {
  readonly mean: number;
  /** Up to which value a tenth, a half and nine tenths of the values lie. */
  readonly quantiles: readonly number[];
}

/** The numbers of a window beside those of the reference. */
export interface ComparedNumbers {
  readonly reference: NumberFigures;
  readonly current: NumberFigures;
}

interface Pair {
  readonly before: ColumnSample | undefined;
  readonly now: ColumnSample | undefined;
}

const QUANTILES = [0.1, 0.5, 0.9];

/** Undefined unless both have numbers. */
export function maybeCompareNumbers({ before, now }: Pair): ComparedNumbers | undefined {
  if (before?.kind !== 'number' || now?.kind !== 'number') return undefined;
  if (before.sorted.length === 0 || now.sorted.length === 0) return undefined;
  return { reference: figuresOf(before.sorted), current: figuresOf(now.sorted) };
}

function figuresOf(sorted: Float64Array): NumberFigures {
  return {
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    quantiles: QUANTILES.map((share) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN),
  };
}

/** Share of the values of the window that are out of the range of the reference, or of a category that it has not. */
export function maybeOutsideShare({ before, now }: Pair): number | undefined {
  if (before?.kind === 'number' && now?.kind === 'number') {
    const [least, greatest] = [before.sorted[0], before.sorted.at(-1)];
    if (least === undefined || greatest === undefined || now.sorted.length === 0) return undefined;
    return now.sorted.filter((value) => value < least || value > greatest).length / now.sorted.length;
  }
  if (before?.kind !== 'category' || now?.kind !== 'category') return undefined;
  const outside = [...now.counts].filter(([name]) => !before.counts.has(name));
  const present = now.rows - now.missing;
  return present === 0 ? undefined : outside.reduce((sum, [, count]) => sum + count, 0) / present;
}
