import { isStoreError } from '#store';

/**
 * What DuckDB said when the work took more memory than it may, of an error or of what caused it: asked again, the same work
 * would end the same way.
 */
export function maybeOutOfMemory(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!isStoreError(error, 'duckdb_memory')) return maybeOutOfMemory(error.cause);
  // What follows in DuckDB's own message is advice about settings that are ours.
  return error.message.split('\n', 1)[0];
}
