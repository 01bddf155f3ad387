import { stat } from 'node:fs/promises';
import type { Duckdb } from '#store';

/** DuckDB reads smaller files on one thread, and writes their rows in the order in which it reads them. */
const READ_IN_ORDER_BYTES = 4 * 2 ** 20;
/** The operator that writes in parallel and in order. */
const ORDERED = 'BATCH_CREATE_TABLE_AS';

/**
 * Whether a statement that creates a table from the records of a file gives it their order. It does not where a condition
 * is computed by a join, as DuckDB does for subqueries and for `in` with five constants or more: joins have no order.
 */
export async function keepsOrder(
  connection: Duckdb,
  { create, file }: { readonly create: string; readonly file: string },
): Promise<boolean> {
  if ((await stat(file)).size < READ_IN_ORDER_BYTES) return true;
  const plan = await connection.all<{ readonly explain_value: string }>(`explain ${create}`);
  return plan.some(({ explain_value: text }) => text.includes(ORDERED));
}
