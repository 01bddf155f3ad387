export { verifyArtifact } from './artifacts/digest.ts';
export type { ArtifactDriver, Blob, StoredBlob } from './artifacts/driver.ts';
export { fsArtifacts } from './artifacts/fs.ts';
export { HOLD_ARTIFACTS, holdArtifacts, withArtifactsToMyself } from './artifacts/hold.ts';
export { memoryArtifacts } from './artifacts/memory.ts';
export { CodedError } from './coded-error.ts';
export { ADDRESS_LENGTH_MAX, withoutCredentials } from './credentials.ts';
export type { Cell, Duckdb, DuckdbOptions, DuckdbPool } from './duckdb/duckdb.ts';
export { type DuckdbPoolOptions, openDuckdbPool } from './duckdb/pool.ts';
export { hasErrorCode } from './error-code.ts';
export { isStoreError, StoreError, type StoreErrorCode } from './errors.ts';
export { type AtomicWriteDisk, renameDurably, syncFolder, writeFileAtomically } from './files/atomic-write.ts';
export { fileIdentity, isSettled, maybeLstat, maybeStat, writtenIdentity } from './files/file-identity.ts';
export { createGroup, type GroupOptions } from './grouped-calls.ts';
export { LastWords } from './last-words.ts';
export { type ConnectOptions, connect } from './postgres/connect.ts';
export type { Database, Queryable, Row, Transaction, TransactionOptions } from './postgres/database.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres/embedded/embedded.ts';
export { type KeysetPosition, maybePosition, momentSql, toPage } from './postgres/keyset.ts';
export { migrate } from './postgres/migrate.ts';
export { type PreparedStatement, prepared, type Statement } from './postgres/statement.ts';
export { isStorableJson, isStorableText, toStorableText } from './postgres/storable-text.ts';
export { isDatabaseUnreachable } from './postgres/unreachable.ts';
export { ownProcessTag, type ProcessState, stateOfTag } from './process-identity.ts';
export { toSizeText } from './size-text.ts';
export { acquireOwnerLock } from './state-folder/owner-lock.ts';
export { makeStateFolder } from './state-folder/state-folder.ts';
export { type KernelMemory, type WebAssemblyRuntime, webAssembly } from './web-assembly.ts';
