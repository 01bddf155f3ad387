import type { ColumnKind } from '../contract.ts';
import { isDecimal, sizeOf } from './decimal.ts';

export type DuckdbType =
  | 'VARCHAR'
  | 'DOUBLE'
  | 'BIGINT'
  | 'BOOLEAN'
  | 'TIMESTAMPTZ'
  | 'DATE'
  | 'TIME'
  | `DECIMAL(${number}, ${number})`;

/** The type of a column in files that DuckDB writes for others. Durations stay in ISO 8601, which few read from an INTERVAL. */
export function duckdbTypeOf(kind: ColumnKind): DuckdbType {
  if (isDecimal(kind)) {
    const { precision, scale } = sizeOf(kind);
    return `DECIMAL(${precision}, ${scale})`;
  }
  switch (kind) {
    case 'time':
      return 'TIME';
    case 'number':
      return 'DOUBLE';
    case 'integer':
      return 'BIGINT';
    case 'boolean':
      return 'BOOLEAN';
    case 'timestamp':
      return 'TIMESTAMPTZ';
    case 'date':
      return 'DATE';
    case 'category':
    case 'text':
    case 'duration':
    case 'list':
    case 'struct':
      return 'VARCHAR';
    default:
      return kind satisfies never;
  }
}

/** The type of a value as `typedSql` reads it. */
export function sqlTypeOf(kind: ColumnKind): string {
  return kind === 'duration' ? 'interval' : duckdbTypeOf(kind).toLowerCase();
}
