import { type Difference, differenceOf } from './difference.ts';
import { countUpTo } from './number-bins.ts';
import { numberBinRows, referenceOfNumbers } from './reference.ts';

/** Two samples of numbers, each in ascending order and not empty. */
export interface NumberSamples {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** How numbers differ from those of a reference, in the bins of the reference. */
export function differenceOfNumbers({ reference, current }: NumberSamples): Difference {
  const upTo = (value: number): number => countUpTo(current, value);
  return differenceOf(numberBinRows(referenceOfNumbers(reference), { rows: current.length, upTo }));
}
