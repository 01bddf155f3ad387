import { MonitorError } from '../errors.ts';

/** Values of one column; null is a missing one. */
export type ColumnValues =
  | { readonly kind: 'number'; readonly values: readonly (number | null)[] }
  | { readonly kind: 'category'; readonly values: readonly (string | null)[] };

/** The data of one column for a drift verdict. */
export type ColumnSample =
  | { readonly kind: 'number'; readonly rows: number; readonly missing: number; readonly sorted: Float64Array }
  | {
      readonly kind: 'category';
      readonly rows: number;
      readonly missing: number;
      readonly counts: ReadonlyMap<string, number>;
    };

/** Columns by name, of the reference or of a window. */
export type Sample = Readonly<Record<string, ColumnSample>>;

/** More numbers do not improve the detection of a relevant shift, and would be stored with every model. */
export const NUMBERS_MAX = 10_000;

/** Summarises columns for comparison; a reference is created once and stored. */
export function sampleOf(columns: Readonly<Record<string, ColumnValues>>): Sample {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, columnSample(name, column)]));
}

function columnSample(name: string, column: ColumnValues): ColumnSample {
  const rows = column.values.length;
  switch (column.kind) {
    case 'number': {
      const present = column.values.filter((value) => value !== null);
      const strange = present.find((value) => !Number.isFinite(value));
      if (strange !== undefined) {
        throw new MonitorError(
          'drift_invalid',
          `Expected numbers in the column ${name}, got ${strange}: give null for what is missing.`,
        );
      }
      return {
        kind: 'number',
        rows,
        missing: rows - present.length,
        sorted: thinned(Float64Array.from(present).sort()),
      };
    }
    case 'category': {
      const counts = new Map<string, number>();
      for (const value of column.values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
      const present = [...counts.values()].reduce((sum, count) => sum + count, 0);
      return { kind: 'category', rows, missing: rows - present, counts };
    }
    default:
      return column satisfies never;
  }
}

// Evenly along the sorted values: deterministic, and the distribution is unchanged.
function thinned(sorted: Float64Array): Float64Array {
  if (sorted.length <= NUMBERS_MAX) return sorted;
  return Float64Array.from({ length: NUMBERS_MAX }, (_, index) => {
    return sorted[Math.floor(((index + 0.5) * sorted.length) / NUMBERS_MAX)] ?? 0;
  });
}
