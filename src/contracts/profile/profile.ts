import type { ColumnKind } from '../contract.ts';
import type { NumberBins } from '../distribution/number-bins.ts';

/** The quantiles, as the share of values below. */
export const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

/** Version of the profile format. Raised when a comparison needs more than profiles had before. */
export const PROFILE_VERSION = 2;

/** Summary of a dataset version: numbers about its columns, and few of its values. */
export interface Profile {
  /** Version of the form of profiles; those of one version can be compared. */
  readonly version: typeof PROFILE_VERSION;
  /** Name of the file. */
  readonly file: string;
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Size of the file, in bytes. */
  readonly sizeBytes: number;
  /** How many rows it has. */
  readonly rows: number;
  /** Records that are no rows. */
  readonly rejected: number;
  /** Each column, in the order of the file. */
  readonly columns: readonly ColumnProfile[];
  /** Pearson's correlation of columns of numbers, strongest first. */
  readonly correlations: readonly { readonly a: string; readonly b: string; readonly value: number }[];
}

/** Summary of one column. */
export interface ColumnProfile {
  /** Name of the column. */
  readonly name: string;
  /** Its name in the file, when it differs: the file may have an empty name, or one name twice. */
  readonly header?: string;
  /** The kind in the contract, or else the narrowest kind that fits every filled cell. */
  readonly kind: ColumnKind;
  /** Cells without a value of the kind. */
  readonly nulls: number;
  /** Those of the nulls that hold something, of Parquet: NaN and infinities, years that ISO 8601 has no four digits for. */
  readonly misfits?: number;
  /** How many different values there are, never more than cells with a value. */
  readonly distinct: number;
  /** False when `distinct` is an estimate, as it is of more than 20,000: two times in three within 3 %, and within 10 %. */
  readonly distinctIsExact: boolean;
  /** Of numbers. */
  readonly numbers?: NumberSummary;
  /** Of texts, in characters. */
  readonly lengths?: {
    /** Of the shortest. */
    readonly min: number;
    /** Of the longest. */
    readonly max: number;
  };
  /** First and last, of dates and timestamps, ISO 8601. */
  readonly moments?: {
    /** The first. */
    readonly min: string;
    /** The last. */
    readonly max: string;
  };
  /**
   * Most frequent values with their number, of columns of few different values: all when there are at most 1,000 (100 of
   * numbers), else ten and those that fill a thousandth of the cells. None that is longer than 200 characters.
   */
  readonly top?: readonly { readonly value: string; readonly rows: number }[];
}

export interface NumberSummary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the sample; 0 for a single value. */
  readonly deviation: number;
  /** In the order of QUANTILES; of more than half a million rows estimated, within half a per cent of rank. */
  readonly quantiles: readonly number[];
  readonly zeros: number;
  readonly negatives: number;
  /** Rows in each of equally wide parts between `min` and `max`. */
  readonly histogram: readonly number[];
  /** Rows in about a hundred parts of equally many rows, by which profiles are compared. */
  readonly bins: NumberBins;
}
