import type { DuckdbPool } from '#store';

/** A pool that counts the statements it is asked. */
export interface CountedDuckdb {
  readonly duckdb: DuckdbPool;
  /** How many statements the work takes. */
  statementsOf(work: () => Promise<unknown>): Promise<number>;
}

export function countedDuckdb(pool: DuckdbPool): CountedDuckdb {
  let count = 0;
  const duckdb: DuckdbPool = {
    ...pool,
    use: (work, options) =>
      pool.use(
        (connection) =>
          work({
            ...connection,
            run: (sql) => {
              count += 1;
              return connection.run(sql);
            },
            all: (sql) => {
              count += 1;
              return connection.all(sql);
            },
          }),
        options,
      ),
  };
  return {
    duckdb,
    statementsOf: async (work) => {
      const before = count;
      await work();
      return count - before;
    },
  };
}
