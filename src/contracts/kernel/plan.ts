import type { CellValue, ColumnKind } from '../contract.ts';
import type { ByteDfa } from '../patterns/byte-dfa.ts';

/** What one pass over the bytes of a CSV file looks for: plain data, which a kernel turns into its own tables. */
export interface KernelPlan {
  /** The byte that separates the cells of the file. */
  readonly delimiter: number;
  /** Cells in every record. */
  readonly fields: number;
  readonly recordBytesMax: number;
  /** Columns of which something is asked; a place in the file may occur several times. */
  readonly columns: readonly KernelColumn[];
  /** What must not stand twice; the kernel tells the keys, and who calls it compares them. */
  readonly keys: readonly KernelKey[];
  /** How many bits there are. Each belongs to one test or key. */
  readonly bits: number;
  /**
   * `ranges`: records that are not canonical as they stand are irregular. `rewrite`: all records are written anew, ended by
   * LF; as they stand where the delimiter stays the same, or quoted only where necessary.
   */
  readonly output: 'ranges' | 'rewrite';
  /** The byte that separates the cells of records written anew. */
  readonly outputDelimiter: number;
  /** Whether each record has a delimiter behind its last cell too; such records are written anew, without it. */
  readonly hasTrailingDelimiter?: boolean;
  /** Of the hashes of keys: a whole number up to 2^32 - 1. */
  readonly seed: number;
}

export interface KernelColumn {
  /** Place in the file, from 0. */
  readonly position: number;
  readonly kind: ColumnKind;
  /**
   * `numbers`: of values, not only of nulls; of columns of numbers, and of decimals, times and durations, whose values are
   * doubles then, also as keys (see `doubleOf`). `categories`: of each value of the first set. `lengths`: of texts, the
   * shortest and the longest, in code points.
   */
  readonly counts: 'nulls' | 'numbers' | 'categories' | 'lengths';
  readonly tests: readonly CellTest[];
}

/**
 * A cell without bytes is null, and violates `present` only. A text that is no value of the column's kind violates `kind`,
 * and is null for the tests of values: `range`, and `set` but for the values that no cell of the kind can hold.
 */
export type CellTest = { readonly bit: number } & (
  | { readonly test: 'present' }
  | { readonly test: 'absent' }
  | { readonly test: 'kind' }
  | RangeTest
  | BetweenTest
  | LengthTest
  | SetTest
  | PatternTest
);

/** Of numbers; of dates and timestamps in microseconds since 1970. */
export interface RangeTest {
  readonly test: 'range';
  readonly min?: number;
  readonly max?: number;
  readonly excludesMin?: true;
  readonly excludesMax?: true;
}

/** Of decimals in units of their last digit, of times and durations in microseconds. */
export interface BetweenTest {
  readonly test: 'between';
  readonly min?: bigint;
  readonly max?: bigint;
  readonly excludesMin?: true;
  readonly excludesMax?: true;
}

/** Of the text, in code points. */
export interface LengthTest {
  readonly test: 'length';
  readonly min?: number;
  readonly max?: number;
}

/** Compared by the column's kind. */
export interface SetTest {
  readonly test: 'set';
  readonly values: readonly CellValue[];
  readonly isNegated?: true;
}

/** Of the text. */
export interface PatternTest {
  readonly test: 'pattern';
  readonly dfa: ByteDfa;
  readonly isNegated?: true;
}

export interface KernelKey {
  readonly bit: number;
  /** Places in the file. A row without a value in one of them has no key. */
  readonly positions: readonly number[];
  readonly kinds: readonly ColumnKind[];
  /** Of one text: the lowest bit of its hash tells whether it is of the sample of `isSampledText`. */
  readonly isMarked?: true;
}
