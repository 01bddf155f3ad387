import type { HeaderMatch } from '../check/match-header.ts';
import type { ViolationExample } from '../check-result.ts';
import type { Coerced } from '../coercions/coercion.ts';
import type { ColumnCounts } from '../kernel/kernel.ts';
import type { Fault } from '../scan/record-scanner.ts';
import type { RejectedRecord } from '../scan/rejected-writer.ts';
import type { Sweep } from '../sweep/sweep.ts';

/**
 * What one pass found of a part, as plain JSON, so that it can be kept and sent: what the check of the whole dataset adds up. The rows
 * themselves, their keys and what SQL reads are in files beside.
 */
export interface PartFindings {
  readonly digest: string;
  readonly sizeBytes: number;
  /** What examples count in this part. */
  readonly at: ViolationExample['at'];
  /** The names of the columns as the file spells them; null where it has not even a header. */
  readonly names: readonly string[] | null;
  readonly header: Omit<HeaderMatch, 'positions'> & { readonly positions: readonly (readonly [string, number])[] };
  readonly rows: { readonly good: number; readonly bad: number; readonly rejected: number };
  readonly faults: readonly (readonly [Fault, number])[];
  readonly firstRejected: readonly (readonly [Fault, readonly RejectedRecord[]])[];
  readonly coerced: Coerced | null;
  /** Null where there is no header. */
  readonly counted: CountedPart | null;
}

/** What was counted of the rows of a part. */
export interface CountedPart {
  /** By bit of its plan. */
  readonly counts: readonly number[];
  readonly columns: { readonly [K in Exclude<keyof ColumnCounts, 'categories'>]: readonly (number | null)[] } & {
    readonly categories: readonly (readonly number[])[];
  };
  /** Null where there were too many values. */
  readonly tallies: readonly (readonly [number, readonly (readonly [string, number])[] | null])[];
  readonly failures: readonly (readonly [number, string])[];
  /** The longest record of the file that SQL reads; 0 where there is none. */
  readonly narrowLongest: number;
}

/** The counts of a pass as JSON, which has no infinity. */
export function toCountedPart({ counts, columns, sums, tallies, failures, narrowLongest }: Sweep): CountedPart {
  const finite = (numbers: ArrayLike<number>) =>
    Array.from(numbers, (number) => (Number.isFinite(number) ? number : null));
  return {
    counts: [...counts],
    columns: {
      nulls: [...columns.nulls],
      values: [...columns.values],
      summands: [...columns.summands],
      min: finite(columns.min),
      max: finite(columns.max),
      sum: finite(sums.sum),
      lost: finite(sums.lost),
      categories: columns.categories.map((each) => [...each]),
    },
    tallies: [...tallies].map(([bit, rows]) => [bit, rows === undefined ? null : [...rows]] as const),
    failures: [...failures],
    narrowLongest,
  };
}

export function headerOfPart({ header }: Pick<PartFindings, 'header'>): HeaderMatch {
  return { ...header, positions: new Map(header.positions) };
}
