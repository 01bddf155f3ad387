import type { ColumnKind } from '../contract.ts';

export type DuckdbType = 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'BOOLEAN' | 'TIMESTAMPTZ' | 'DATE';

/** The type of a column in files that DuckDB writes for others. */
export function duckdbTypeOf(kind: ColumnKind): DuckdbType {
  switch (kind) {
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
      return 'VARCHAR';
    default:
      return kind satisfies never;
  }
}
