import type { Database } from '#store';

/** A query that gives the labels that count now, as CSV with the columns `id` and `value`, by the id of their row. */
export function copyLabels(database: Database, model: string): AsyncIterable<Uint8Array> {
  // COPY takes no parameters.
  const name = `'${model.replaceAll("'", "''")}'`;
  return database.copyToCsv(
    `select distinct on (row_id) row_id as id, value #>> '{}' as value from labels
      where model = ${name} and row_id is not null order by row_id, observed_at desc, id desc`,
  );
}
