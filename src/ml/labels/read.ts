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

/**
 * SQL of the label that counts for a prediction, with its `value` and `observed_at`: the newest of those by the id of its
 * row and those by its own id. `prediction` names a row of the table `predictions`.
 */
export function labelSql(prediction: string): string {
  const newest = (condition: string): string =>
    `(select value, observed_at, id from labels l where l.model = ${prediction}.model and ${condition}
       order by observed_at desc, id desc limit 1)`;
  // Two queries, because an `or` of both conditions uses neither index.
  return `select value, observed_at from (
    ${newest(`l.row_id = ${prediction}.row_id`)} union all ${newest(`l.prediction_id = ${prediction}.id`)}) as found
    order by observed_at desc, id desc limit 1`;
}
