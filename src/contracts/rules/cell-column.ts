import type { ColumnKind } from '../cell.ts';
import type { Coercion } from '../coercions/coercion.ts';

/** What of a column decides whether a cell is right. */
export interface CellColumn {
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  readonly alwaysNull?: boolean | undefined;
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly coerce?: readonly Coercion[] | undefined;
  readonly pattern?: string | undefined;
  readonly lengthMin?: number | undefined;
  readonly lengthMax?: number | undefined;
  readonly of?: CellColumn | undefined;
  readonly fields?: { readonly [name: string]: CellColumn } | undefined;
}

/** A list or a struct, as plain data. */
export type NestedColumn = CellColumn;
