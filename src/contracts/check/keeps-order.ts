import type { Duckdb } from '#store';

/** The operator that writes in parallel and in order. */
const ORDERED = 'BATCH_CREATE_TABLE_AS';

/**
 * Whether a statement that creates a table from the records of a file gives it their order. It does not where a condition
 * is computed by a join, as DuckDB does for subqueries and for `in` with five constants or more: not even
 * for a file of a few thousand rows.
 */
export async function keepsOrder(connection: Duckdb, create: string): Promise<boolean> {
  const plan = await connection.all<{ readonly explain_value: string }>(`explain ${create}`);
  return plan.some(({ explain_value: text }) => text.includes(ORDERED));
}
