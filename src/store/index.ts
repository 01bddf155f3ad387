export type { ArtifactDriver, Blob } from './artifacts/driver.ts';
export type { Cell, Duckdb, DuckdbOptions, DuckdbPool } from './duckdb/duckdb.ts';
export type { Database, Queryable, Row, TransactionOptions } from './postgres/database.ts';
