import type { CellValue, ColumnKind } from '../cell.ts';

/** One row, as rules read it. */
export interface Row {
  /** The text of a cell, as it stands in the file; null when it is empty. */
  text(column: string): string | null;
  /** The value of a cell, by the kind of its column; null when its text is none. */
  value(column: string): CellValue | null;
}

/** The kind of a column, by which its values are compared. */
export type KindOf = (column: string) => ColumnKind;
