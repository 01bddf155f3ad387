import type { ColumnKind } from '../contract.ts';
import { isDecimal, sizeOf } from '../kinds/decimal.ts';

/** Decimals of more digits have no room in 64 bits, and are texts to a kernel. */
const PRECISION_MAX = 18;

/** Whether a kernel reads the values of a kind. */
export function isKernelKind(kind: ColumnKind): boolean {
  if (isDecimal(kind)) return sizeOf(kind).precision <= PRECISION_MAX;
  return kind !== 'list' && kind !== 'struct';
}

/** What a column is to a kernel. */
export function toKernelKind(kind: ColumnKind): ColumnKind {
  return isKernelKind(kind) ? kind : 'text';
}
