import type { Prediction } from '#ml';

/** What a challenger would have predicted for the rows of a window, beside what was predicted. */
export interface Challenge {
  readonly version: number;
  readonly rows: number;
  /** Share of the rows with another class, 0 to 1; of numbers the mean absolute difference, in the unit of the label. */
  readonly difference: number;
}

/** Compares the predictions of a challenger with those that were stored, row by row; undefined without rows. */
export function maybeChallenge(
  version: number,
  pairs: readonly { readonly stored: Prediction['value']; readonly challenger: Prediction['value'] }[],
): Challenge | undefined {
  if (pairs.length === 0) return undefined;
  const sum = pairs.reduce((total, { stored, challenger }) => total + differenceOf(stored, challenger), 0);
  return { version, rows: pairs.length, difference: sum / pairs.length };
}

function differenceOf(stored: Prediction['value'], challenger: Prediction['value']): number {
  if (typeof stored === 'number' && typeof challenger === 'number') return Math.abs(stored - challenger);
  return stored === challenger ? 0 : 1;
}
