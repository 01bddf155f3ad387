import type { Duckdb } from '../duckdb/duckdb.ts';
import type { SqlEngine } from './sql-engine.ts';

/** A DuckDB that a pool gave out, as an engine. The pool ends its work at a signal or timeout. */
export function duckdbEngine(duckdb: Duckdb): SqlEngine {
  return {
    name: 'duckdb',
    run: (sql) => duckdb.run(sql),
    all: (sql) => duckdb.all(sql),
    describe: async (query) => {
      const columns = await duckdb.all<{ column_name: string; column_type: string }>(`describe ${query}`);
      return columns.map(({ column_name: name, column_type: type }) => ({ name, type: type.toLowerCase() }));
    },
    viewParquet: (view, { paths, columns }) => {
      const files = paths.map(literal).join(', ');
      return duckdb.run(
        `create or replace temp view ${view} as select ${columns.join(', ')} from read_parquet([${files}], filename = true, file_row_number = true)`,
      );
    },
    writeParquet: async (query, folder) => {
      await duckdb.run(`copy (${query}) to ${literal(folder)} (format parquet, per_thread_output true)`);
    },
    close: () => duckdb.close(),
  };
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
