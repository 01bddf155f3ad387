import type { BinRows } from './difference.ts';
import { countUpTo } from './number-bins.ts';
import { type NumberRange, numberBinRows, rangesOf, referenceOfNumbers } from './reference.ts';

/** Two samples of numbers, each in ascending order and not empty. */
export interface NumberSamples {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** Rows of both samples in the bins of the reference, in ascending order. */
export function binNumbers({ reference, current }: NumberSamples): readonly (NumberRange & BinRows)[] {
  const bins = referenceOfNumbers(reference);
  const rows = numberBinRows(bins, { rows: current.length, upTo: (value) => countUpTo(current, value) });
  const ranges = rangesOf(bins);
  return rows.map((each, bin) => ({ ...(ranges[bin] ?? { from: null, to: null }), ...each }));
}
