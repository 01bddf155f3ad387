import type { CellValue, ColumnKind } from '../cell.ts';
import type { Measure } from '../distribution/divergence.ts';

/**
 * What databases say each in their own way: everything of a rule's SQL that is not plain SQL-92. Arguments named `sql`,
 * `value` and `text` are SQL expressions; the others are values.
 */
export interface Dialect {
  /** A name of a table or column. */
  identifier(name: string): string;
  /** A text as a literal. */
  text(text: string): string;
  /** A number as a literal that keeps every bit. */
  number(value: number): string;
  /** A value as a literal to compare a column of the kind with; undefined when no cell of the kind can hold it. */
  constant(kind: ColumnKind, value: CellValue): string | undefined;
  /** A condition that is 1 where it is true and 0 where it is not. */
  asNumber(condition: string): string;
  asText(value: string): string;
  /** A number as a double. */
  asDouble(value: string): string;
  /**
   * Whether parts add up to something else than the total, by their decimal digits, or as doubles where they are too large
   * for decimals.
   */
  isOtherSum(sum: { readonly parts: readonly string[]; readonly total: string; readonly tolerance: number }): string;
  /** Several values as one that can be compared. */
  together(values: readonly string[]): string;
  /** Whether two values differ; two nulls do not. */
  differs(left: string, right: string): string;
  /** Patterns are those of RE2; a database that cannot be asked one refuses it. */
  matchesWhole(text: string, pattern: string): string;
  matchesPart(text: string, pattern: string): string;
  startsWith(text: string, prefix: string): string;
  endsWith(text: string, suffix: string): string;
  /** Characters (code points) of a text. */
  length(text: string): string;
  /** Whether a text is no JSON, to the letter of RFC 8259. */
  isNoJson(text: string): string;
  /** A condition that cannot be computed, for what no SQL can say. */
  fails(why: string): string;
  /** Whether a number is no whole multiple of the step, of so many decimals. */
  isNoMultiple(value: string, multiple: { readonly step: number; readonly decimals: number }): string;
  /** Whether a number has more digits than so many in all, or than so many of them behind its point. */
  hasMoreDigits(value: string, most: { readonly precision: number; readonly scale: number }): string;
  /** How many rows meet a condition. */
  countWhere(condition: string): string;
  median(value: string): string;
  /** A quantile with linear interpolation between neighbours. */
  quantile(value: string, quantile: number): string;
  deviation(value: string): string;
  correlation(left: string, right: string): string;
  /** A number in words, to so many decimals. */
  rounded(value: string, decimals: number): string;
  /** The texts of all rows with commas between them, in order of the second expression if there is one. */
  listed(text: string, order?: string): string;
  /** The columns that every table of rows has by itself, as the list of a SELECT from some of its rows. */
  readonly allColumns: string;
  /** The value in the previous row of the table. */
  before(value: string): string;
  /** Hours from one moment to another, with their fraction. */
  hoursBetween(from: string, to: string): string;
  /** Whether a moment is at most so many hours ago. */
  isWithinHours(moment: string, hours: number): string;
  /** SELECT of one row `(stability_index, deviations)` over `(reference, current)`; see `distribution/difference.ts`. */
  difference(bins: string): string;
  /** SELECT of one row `(divergence)` over `(bin, reference, current)`; see `distribution/divergence.ts`. */
  divergence(bins: string, measure: Measure): string;
}
