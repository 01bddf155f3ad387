import type { ProblemCategory, Severity, Unchecked } from './contract.ts';

export type Verdict = 'pass' | 'warn' | 'fail' | 'quarantined';
export type Criticality = 'low' | 'medium' | 'high';

/** An unmet expectation, over the whole file. `share` is of the rows in the file, 0 to 1. */
export interface Violation {
  readonly expectation: string;
  readonly column?: string;
  readonly category: ProblemCategory;
  readonly severity: Severity;
  readonly rows: number;
  readonly share: number;
  readonly sentence: string;
}

/** The record of one check: statistics, never rows. `rows.in = good + bad + rejected` unless the verdict is `quarantined`. */
export interface CheckResult {
  readonly contract: string;
  readonly file: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly rows: { readonly in: number; readonly good: number; readonly bad: number; readonly rejected: number };
  readonly verdict: Verdict;
  /** Absent when nothing is wrong. */
  readonly criticality?: Criticality;
  readonly violations: readonly Violation[];
  /** Every expectation that was evaluated, met or not, in the contract's order. */
  readonly expectations: readonly {
    readonly expectation: string;
    readonly column?: string;
    readonly sentence: string;
    readonly severity: Severity;
    readonly rows: number;
  }[];
  readonly columns: readonly { readonly name: string; readonly nulls: number; readonly mean?: number }[];
  /** What the contract asks for and nobody looked at; absent when that is nothing. */
  readonly unchecked?: readonly Unchecked[];
  readonly summary: string;
  readonly durationMs: number;
}
