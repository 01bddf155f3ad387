import type { Cell } from './duckdb.ts';

/** DuckDB's settings in the child, by name. */
export type DuckdbSettings = Readonly<Record<string, string>>;

/** Messages of the parent. `use` counts the pieces of work: messages of an ended one are dropped. */
export type Request =
  | { readonly kind: 'open'; readonly settings: DuckdbSettings; readonly residentBytesMax: number }
  | { readonly kind: 'run' | 'all'; readonly id: number; readonly use: number; readonly sql: string }
  | { readonly kind: 'ping'; readonly id: number; readonly use: number }
  | { readonly kind: 'end'; readonly id: number; readonly use: number };

/** Answers of the child, one for each request with an id; `residentBytes` is the memory of its process. */
export type Answer =
  | { readonly id: number; readonly rows: readonly Readonly<Record<string, Cell>>[]; readonly residentBytes: number }
  | { readonly id: number; readonly error: string };

/** Sent by the child before it ends itself because of too much memory. */
export interface Exceeded {
  readonly kind: 'exceeded';
  readonly residentBytes: number;
}
