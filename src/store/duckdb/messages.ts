import type { Cell } from './duckdb.ts';

/** How DuckDB is set up in the child: names and values of its own settings. */
export type DuckdbSettings = Readonly<Record<string, string>>;

/** What the parent sends. `use` counts the pieces of work: what belongs to an ended one is dropped. */
export type Request =
  | { readonly kind: 'open'; readonly settings: DuckdbSettings; readonly residentBytesMax: number }
  | { readonly kind: 'run' | 'all'; readonly id: number; readonly use: number; readonly sql: string }
  | { readonly kind: 'ping'; readonly id: number; readonly use: number }
  | { readonly kind: 'end'; readonly id: number; readonly use: number };

/** What the child answers, one to each request with an id; `residentBytes` is what its process holds by then. */
export type Answer =
  | { readonly id: number; readonly rows: readonly Readonly<Record<string, Cell>>[]; readonly residentBytes: number }
  | { readonly id: number; readonly error: string };

/** What the child says before it ends itself, because it holds more than it may. */
export interface Exceeded {
  readonly kind: 'exceeded';
  readonly residentBytes: number;
}
