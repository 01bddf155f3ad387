import { DuckDBInstance } from '@duckdb/node-api';
import type { Duckdb, DuckdbPool } from '#store';

/** A pool of one DuckDB inside the test's own process: the same engine, without a child to start. */
export async function inProcessDuckdb(): Promise<DuckdbPool> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  const duckdb: Duckdb = {
    run: async (sql) => {
      await connection.run(sql);
    },
    all: async <R>(sql: string) => {
      const reader = await connection.runAndReadAll(sql);
      const numeric = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
      // Tests ask for the columns that their own SQL names.
      return reader
        .getRowObjects()
        .map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, numeric(v)]))) as R[];
    },
    close: async () => connection.closeSync(),
  };
  return {
    use: async (work) => work(duckdb),
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
