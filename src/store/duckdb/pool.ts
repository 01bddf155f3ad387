import type { DuckdbOptions, DuckdbPool } from './duckdb.ts';
import { DuckdbError } from './errors.ts';

export interface DuckdbPoolOptions extends DuckdbOptions {
  /** How many pieces of work may run at once, each in a process of its own. */
  readonly size?: number;
}

export function openDuckdbPool(_options: DuckdbPoolOptions = {}): DuckdbPool {
  throw new DuckdbError('not yet');
}
