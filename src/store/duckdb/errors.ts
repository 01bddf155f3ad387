/**
 * Why DuckDB gave no answer. `statement`: it refused one. `memory`: the work needs more than it may take, so that the same
 * work ends the same way again. `ended`: its process was ended by a crash, a timeout, a cancel or the end of the pool.
 */
export type DuckdbErrorCode = 'statement' | 'memory' | 'ended';

/** DuckDB refused a statement, or its process was ended. */
export class DuckdbError extends Error {
  override readonly name = 'DuckdbError';
  readonly code: DuckdbErrorCode;

  constructor(code: DuckdbErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}
