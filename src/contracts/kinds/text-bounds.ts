import type { ColumnKind, DecimalKind } from '../cell.ts';
import { isDecimal } from './decimal.ts';

/** Kinds whose bounds are texts, as cells are written. */
type OrderedKind = DecimalKind | 'time' | 'duration';

export function hasTextBounds(kind: ColumnKind): kind is OrderedKind {
  return isDecimal(kind) || kind === 'time' || kind === 'duration';
}

export function isOrdered<Column extends { readonly kind: ColumnKind }>(
  column: Column,
): column is Extract<Column, { readonly kind: OrderedKind }> {
  return hasTextBounds(column.kind);
}
