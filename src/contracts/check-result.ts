import type { Coerced } from './coercions/coercion.ts';
import type { ProblemCategory, Severity, Unchecked } from './contract.ts';

/** How a check ended. `warn`: only warnings; `fail`: some rows are bad; `quarantined`: the rows of the file cannot be told with certainty. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'quarantined';
/** How much the problems of a file matter; `criticality` of the contract says from which share of unusable rows on. */
export type Criticality = 'low' | 'medium' | 'high';

/** A cell, or a record that is no row, as it stands in the file. */
export interface ExampleValue {
  /** The column; absent for a whole record that is no row. */
  readonly column?: string;
  /** The text in the file, shortened when it is long; null when it is not shown, because it is sensitive. */
  readonly text: string | null;
}

/** A row that does not meet an expectation, and where it is. */
export interface ViolationExample {
  /** The file of a partitioned dataset that the row is in; absent where one file was checked. */
  readonly partition?: string;
  /** What `number` counts: lines of the file as an editor shows them, or rows where a format has no lines. */
  readonly at: 'line' | 'row';
  /** The line where the row starts, or the number of the row; from 1. */
  readonly number: number;
  /** The values that the expectation is about, up to five. */
  readonly values: readonly ExampleValue[];
}

/** An unmet expectation, over the whole file. `share` is of the rows in the file, 0 to 1. */
export interface Violation {
  /** Name of the expectation: `in-range`, or one that the contract gave. */
  readonly expectation: string;
  /** The column it is about; absent for one of rows or of the whole file. */
  readonly column?: string;
  /** What kind of problem it is, for charts and alerts. */
  readonly category: ProblemCategory;
  /** `fail` makes rows bad; `warn` only reports them. */
  readonly severity: Severity;
  /** How many rows do not meet it; for one about the whole file, all of them. */
  readonly rows: number;
  /** `rows` as a share of the rows in the file, 0 to 1. */
  readonly share: number;
  /** The rule in words: "age lies between 0 and 100". */
  readonly sentence: string;
  /** The first rows that do not meet it, up to five; absent for one that is not about single rows. */
  readonly examples?: readonly ViolationExample[];
}

/** One file of a partitioned dataset, as a check read it. */
export interface CheckedPartition {
  /** Its name within the dataset. */
  readonly name: string;
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Size of the file, in bytes. */
  readonly sizeBytes: number;
  /** Its rows by how they ended. */
  readonly rows: CheckResult['rows'];
}

/** The record of one check: statistics, and a few examples of what is wrong. `rows.in = good + bad + rejected` unless the verdict is `quarantined`. */
export interface CheckResult {
  /** Name of the contract. */
  readonly contract: string;
  /** Name of the file. */
  readonly file: string;
  /** SHA-256 of the file; of a partitioned dataset, of the digests of its files in their order. */
  readonly digest: string;
  /** Size of the file, or of all files, in bytes. */
  readonly sizeBytes: number;
  /** The files of a partitioned dataset, in the order of their names; absent where one file was checked. */
  readonly partitions?: readonly CheckedPartition[];
  /** Rows by how they ended. */
  readonly rows: {
    /** Records in the file. */
    readonly in: number;
    /** Rows without a violation of severity `fail`. */
    readonly good: number;
    /** Rows with one. */
    readonly bad: number;
    /** Records that are no rows. */
    readonly rejected: number;
  };
  /** How the check ended. */
  readonly verdict: Verdict;
  /** Absent when nothing is wrong. */
  readonly criticality?: Criticality;
  /** Every expectation that is not met. */
  readonly violations: readonly Violation[];
  /** How many cells were changed as their columns allow, by column and coercion; absent when none was. */
  readonly coerced?: Coerced;
  /** Every expectation that was evaluated, met or not, in the contract's order. */
  readonly expectations: readonly {
    readonly expectation: string;
    readonly column?: string;
    readonly sentence: string;
    readonly severity: Severity;
    readonly rows: number;
  }[];
  /** Of each column the number of empty cells, and the mean of numbers. */
  readonly columns: readonly { readonly name: string; readonly nulls: number; readonly mean?: number }[];
  /** What the contract requires and no check evaluates; absent when there is none. */
  readonly unchecked?: readonly Unchecked[];
  /** The other datasets that it was compared with, as they were read; absent when the contract names none. */
  readonly references?: readonly {
    /** Its name in the contract. */
    readonly dataset: string;
    /** SHA-256 of its file. */
    readonly digest: string;
    /** Its rows. */
    readonly rows: number;
  }[];
  /** The result in a sentence or two. */
  readonly summary: string;
  /** How long the check took, in milliseconds. */
  readonly durationMs: number;
}
