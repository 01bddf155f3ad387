import type { ColumnKind } from '../contract.ts';
import { hasTextBounds } from '../kinds/text-bounds.ts';

/** Whether the values of a kind are summarised as numbers: decimals as the nearest doubles, times and durations in hours. */
export function isNumeric(kind: ColumnKind): boolean {
  return kind === 'number' || kind === 'integer' || hasTextBounds(kind);
}

export function isText(kind: ColumnKind): boolean {
  return kind === 'text' || kind === 'category';
}
