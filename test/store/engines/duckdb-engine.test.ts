import { duckdbEngine, openDuckdbPool } from '#store';
import { deferred } from '../../deferred.ts';
import { testSqlEngine } from '../../suites/sql-engine.ts';

testSqlEngine('duckdb', async () => {
  const pool = openDuckdbPool({ size: 1 });
  const { promise: used, resolve: release } = deferred<void>();
  return new Promise((resolve) => {
    pool.use(async (connection) => {
      resolve({
        engine: duckdbEngine(connection),
        close: async () => {
          release(undefined);
          await pool.close();
        },
      });
      await used;
    });
  });
});
