import { isStoreError } from '#store';

/**
 * The message of DuckDB's out-of-memory error, found in an error or its causes: a retry of the same work would fail
 * too.
 */
export function maybeOutOfMemory(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!isStoreError(error, 'duckdb_memory')) return maybeOutOfMemory(error.cause);
  // The rest of DuckDB's message is advice about settings that Weir controls.
  return error.message.split('\n', 1)[0];
}
