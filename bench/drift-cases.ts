import { seeded } from '../src/contracts/corrupt/random.ts';

/** How a column is drawn, and how its window differs from the reference. */
export type DriftColumn =
  /** Normal numbers; in the window their mean is moved by so many standard deviations. */
  | { readonly kind: 'number'; readonly moved: number }
  /** Equally frequent categories; in the window this share of the rows has the first one instead of its own. */
  | { readonly kind: 'category'; readonly categories: number; readonly moved: number };

/** References and windows of one kind: `m` rows against `n`, so many times. */
export interface DriftCase {
  readonly title: string;
  readonly m: number;
  readonly n: number;
  readonly columns: readonly DriftColumn[];
  readonly windows: number;
}

/** The rows of one column; categories by number. */
export interface DrawnColumn {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

export const number = (moved = 0): DriftColumn => ({ kind: 'number', moved });
export const category = (categories: number, moved = 0): DriftColumn => ({ kind: 'category', categories, moved });

/** Eight columns of numbers and four of categories, of which the first drifts. */
export function twelveColumns(moved = 0): readonly DriftColumn[] {
  return [number(moved), ...Array.from({ length: 7 }, () => number()), ...[3, 4, 5, 6].map((count) => category(count))];
}

/** Each reference with its window, from a seed. */
export function* windowsOf({ m, n, columns, windows }: DriftCase, seed: number): Generator<readonly DrawnColumn[]> {
  const random = seeded(seed).next;
  for (let window = 0; window < windows; window += 1) {
    yield columns.map((column) => ({
      reference: draw(random, { column: { ...column, moved: 0 }, count: m }),
      current: draw(random, { column, count: n }),
    }));
  }
}

/** More windows of the same columns, for one reference. */
export function draw(
  random: () => number,
  { column, count }: { readonly column: DriftColumn; readonly count: number },
): Float64Array {
  return Float64Array.from({ length: count }, () => {
    if (column.kind === 'category') return random() < column.moved ? 0 : Math.floor(random() * column.categories);
    // Box and Muller.
    return column.moved + Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  });
}
