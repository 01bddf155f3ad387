import { CodedError } from './coded-error.ts';

/** Error codes of this part. Codes stay the same when messages change. `docs/errors.md` is proven equal. */
export const STORE_ERRORS = {
  artifact_missing: 'There is no artifact with this digest.',
  artifact_damaged: 'The bytes of an artifact do not have its digest.',
  artifact_refused: 'Only a finished, regular file can become an artifact.',
  digest_invalid: 'A digest is 64 lower-case hex digits.',
  artifact_failed: 'An artifact could not be read or written; the cause has the code of the system, such as ENOSPC.',
  bucket_unusable:
    'A bucket cannot be used as it is named in the settings: its address, server, credentials or the S3 client.',
  bucket_failed: 'A request to a bucket failed, after it was repeated where that may help.',
  duckdb_statement: 'DuckDB refused a statement.',
  duckdb_memory: 'The work needs more memory than the limit of DuckDB; a retry would fail too.',
  engine_unusable:
    'A cluster of Spark cannot be used as it is named in the settings: its address, token, certificates or packages.',
  engine_unreachable: 'The server of Spark Connect cannot be reached, or was lost for too long.',
  engine_statement: 'Spark refused a statement, or failed at it.',
  engine_ended: 'A statement of Spark was ended: a cancellation, a timeout, or the end of its session.',
  duckdb_ended: 'The process of DuckDB ended: a crash, a timeout, a cancellation or the end of the pool.',
  database_unreachable:
    'PostgreSQL cannot be reached, is starting, shutting down or out of connections, or the connection was lost.',
  transaction_rolled_back: 'PostgreSQL rolled a transaction back because a statement in it had failed.',
  cursor_invalid: 'The cursor was not issued by an earlier page of the list in the same order.',
  migration_mismatch: 'The migrations of the database are not those of this version of Weir.',
  migration_failed: 'A migration failed and left nothing behind.',
  migration_blocked:
    'A migration waited too long for a table that another session keeps locked; it left nothing behind.',
  migrations_pending: 'The database lacks migrations, and this process may not apply them.',
  migration_invalid: 'A migration file has an invalid number or name.',
  postgres_unusable: 'The embedded PostgreSQL cannot be installed, started or ended here.',
  postgres_data_unfit: 'The data of the embedded PostgreSQL are of another version, or their password is lost.',
  address_refused: 'A request was to go to an address in a private or reserved network that the settings do not name.',
  answer_too_large: 'The answer to a request is larger than is read.',
  state_folder_unfit: 'State cannot be kept in the folder.',
  state_folder_in_use: 'Another process owns the state folder.',
} as const;

export type StoreErrorCode = keyof typeof STORE_ERRORS;

/** Bytes or rows cannot be stored, found or trusted; the message says what to do about it. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = 'StoreError';
  readonly part = 'store';
}

/** Whether an error is one of this part with this code. */
export function isStoreError(error: unknown, code: StoreErrorCode): error is StoreError {
  return error instanceof StoreError && error.code === code;
}
