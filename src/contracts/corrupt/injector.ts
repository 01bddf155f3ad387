import type { Column } from '../contract.ts';
import type { Random } from './random.ts';

/** A way to break a cell. Adding a kind means a file beside this one and a line in `injectors/index.ts`. */
export interface CellInjector {
  readonly kind: string;
  readonly level: 'cell';
  /** Whether a cell of this column can be broken in this way. */
  suits(column: Column): boolean;
  /** The broken text; never one that the contract allows. */
  inject(before: string, context: { readonly column: Column; readonly random: Random }): string;
}

export type Injector = CellInjector;

/** What was done to one row; `row` is the row's number in the file, from 1, as `line` − 1 for rows without line ends. */
export interface InjectedError {
  readonly row: number;
  readonly column: string;
  readonly kind: string;
  readonly before: string;
  readonly after: string;
}
