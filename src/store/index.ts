export { verifyArtifact } from './artifacts/digest.ts';
export type { ArtifactDriver, Blob, StoredBlob } from './artifacts/driver.ts';
export { fsArtifacts } from './artifacts/fs.ts';
export { HOLD_ARTIFACTS, holdArtifacts, withArtifactsToMyself } from './artifacts/hold.ts';
export { memoryArtifacts } from './artifacts/memory.ts';
export { s3Artifacts } from './artifacts/s3.ts';
export { CodedError } from './coded-error.ts';
export { groupDigits, toCountText } from './count-text.ts';
export { ADDRESS_LENGTH_MAX, withoutCredentials } from './credentials.ts';
export type { Cell, Duckdb, DuckdbPool } from './duckdb/duckdb.ts';
export { type DuckdbPoolOptions, openDuckdbPool } from './duckdb/pool.ts';
export { duckdbEngine } from './engines/duckdb-engine.ts';
export {
  interruptSpark,
  openSparkEngine,
  type SparkEngine,
  type SparkSettings,
  type SparkWork,
} from './engines/spark/spark-engine.ts';
export type { SqlEngine, SqlWork } from './engines/sql-engine.ts';
export { hasErrorCode } from './error-code.ts';
export { isStoreError, StoreError, type StoreErrorCode } from './errors.ts';
export { renameDurably, syncFolder, writeFileAtomically } from './files/atomic-write.ts';
export { fileIdentity, isSettled, maybeLstat, maybeStat, writtenIdentity } from './files/file-identity.ts';
export { linesOf } from './files/lines-of.ts';
export { createGroup } from './grouped-calls.ts';
export { LastWords } from './last-words.ts';
export { isSameName, maybeNearestName } from './nearest-name.ts';
export { reachOf } from './outgoing/address-reach.ts';
export {
  checkedLookup,
  type OutgoingEffects,
  type OutgoingFetch,
  type OutgoingPolicy,
  outgoingFetch,
  resolveChecked,
} from './outgoing/outgoing-fetch.ts';
export { hostsOf, privateHostsOf } from './outgoing/private-hosts.ts';
export { parseYaml } from './parse-yaml.ts';
export { type Condition, toWhere } from './postgres/condition.ts';
export { connect } from './postgres/connect.ts';
export type { Database, Queryable, Row, Transaction } from './postgres/database.ts';
export { type Election, openElection } from './postgres/election.ts';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './postgres/embedded/embedded.ts';
export { addCountsSql, foldCountsSql, forgetEmptyCounts } from './postgres/fold-counts.ts';
export { type ListSort, momentSql, type PagedList } from './postgres/keyset.ts';
export { withLiterals } from './postgres/literals.ts';
export { assertMigrated, migrate, pendingMigrations } from './postgres/migrate.ts';
export { type PartitionedTable, preparePartitions, removeRowsBefore } from './postgres/partitions.ts';
export { type Page, type PageRequest, readPage, soughtWords } from './postgres/read-page.ts';
export { prepared, type Statement } from './postgres/statement.ts';
export { isStorableJson, isStorableText, toStorableText } from './postgres/storable-text.ts';
export { isDatabaseUnreachable } from './postgres/unreachable.ts';
export { ownProcessTag, type ProcessState, stateOfTag } from './process-identity.ts';
export { programFile } from './program-file.ts';
export { type Bucket, type BucketObject, openBucket } from './s3/bucket.ts';
export { createFromFile, writeFromFile } from './s3/file-content.ts';
export { isS3Address, isValidS3Address, toS3Address } from './s3/s3-address.ts';
export type { S3Settings } from './s3/s3-client.ts';
export { toSizeText } from './size-text.ts';
export { acquireOwnerLock } from './state-folder/owner-lock.ts';
export { makeStateFolder } from './state-folder/state-folder.ts';
export {
  disableTracing,
  enableTracing,
  inTrace,
  type OpenSpan,
  openSpan,
  presentTrace,
  type TraceContext,
  type TraceHeaders,
  traced,
  traceFields,
  traceHeaders,
  traceOf,
} from './tracing/tracing.ts';
export { type KernelMemory, type WebAssemblyRuntime, webAssembly } from './web-assembly.ts';
export { workerEntry } from './worker-entry.ts';
export { yamlPackage } from './yaml-package.ts';
