import type { Column, Contract } from '../contract.ts';
import type { RecordForm } from '../scan/record-form.ts';
import type { Random } from './random.ts';

/** A way to corrupt a cell. A new kind needs a file in `injectors/` and a line in `injectors/index.ts`. */
export interface CellInjector {
  /** Kind of the error, one of `ERROR_KINDS`. */
  readonly kind: string;
  readonly level: 'cell';
  /** Whether a cell of this column can be broken in this way. */
  suits(column: Column): boolean;
  /** The broken text; never one that the contract allows. */
  inject(before: string, context: CellContext): string;
}

export interface CellContext {
  readonly column: Column;
  readonly random: Random;
  /** How the file is written. */
  readonly form: RecordForm;
}

/** A way to corrupt a record as a whole. */
export interface RowInjector {
  readonly kind: string;
  readonly level: 'row';
  suits(contract: Contract): boolean;
  /** The broken record without its line end, and what was done; undefined when this row is unsuitable. */
  inject(fields: readonly string[], context: RowContext): BrokenRow | undefined;
}
export interface RowContext {
  readonly contract: Contract;
  /** Positions of the contract's columns among the fields. */
  readonly positions: ReadonlyMap<string, number>;
  readonly random: Random;
  readonly form: RecordForm;
  /** An earlier row of the same file, as it was written. */
  readonly earlier: readonly string[] | undefined;
}
export interface BrokenRow {
  readonly bytes: Buffer;
  /** Name of the column; empty for a row or the file. */
  readonly column: string;
  /** The text that was there. */
  readonly before: string;
  /** The text that is there now. */
  readonly after: string;
}

/** A way to corrupt a file as a whole: it is chosen once, and applied to the header and every row. */
export interface FileInjector {
  readonly kind: string;
  readonly level: 'file';
  suits(contract: Contract): boolean;
  plan(context: Omit<RowContext, 'earlier'>): FileChange;
}
export interface FileChange {
  /** The column concerned, or both of two, or nothing. */
  readonly column: string;
  readonly header: (names: readonly string[]) => readonly string[];
  /** The changed row; undefined leaves it out. */
  readonly row: (fields: readonly string[]) => readonly string[] | undefined;
  /** The file becomes empty. */
  readonly isEmpty?: boolean;
}

export type Injector = CellInjector | RowInjector | FileInjector;

/** What was done; `row` counts the file's rows from 1, and is 0 for what concerns the file as a whole. */
export interface InjectedError {
  /** Row of the file from 1; 0 for the file as a whole. */
  readonly row: number;
  /** Name of the column; empty for a row or the file. */
  readonly column: string;
  /** Kind of the error, one of `ERROR_KINDS`. */
  readonly kind: string;
  /** The text that was there. */
  readonly before: string;
  /** The text that is there now. */
  readonly after: string;
}
