/** DuckDB refused a statement, or its process was ended: by a crash, a timeout, a cancel or the end of the pool. */
export class DuckdbError extends Error {
  override readonly name = 'DuckdbError';
}
