import { isStoreError, StoreError } from '../errors.ts';

// PostgreSQL: 08 connection, 53 out of resources, 57P ended by an administrator, a crash, or not up yet; 25P03 a transaction
// that did nothing for too long, as of a process that was stopped.
const STATES = /^(?:(?:08|53|57P)...?|25P03)$/;
const SYSTEM_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EADDRNOTAVAIL'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'ENOTFOUND', 'EAI_AGAIN'],
]);
// Errors of the client and its pool have no code; these are their messages for a missing connection.
const WORDS = new Set([
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
]);

/**
 * Whether an error, of this store or of any PostgreSQL client, says that the database cannot be reached or was lost.
 */
export function isDatabaseUnreachable(error: unknown): boolean {
  try {
    return saysUnreachable(error);
  } catch {
    // Work inside a transaction may throw anything, even unreadable values.
    return false;
  }
}

function saysUnreachable(error: unknown): boolean {
  if (isStoreError(error, 'database_unreachable')) return true;
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return WORDS.has(error.message);
  // A missing socket file means that the server does not run.
  const isSocketMissing = code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect';
  return STATES.test(code) || SYSTEM_CODES.has(code) || isSocketMissing || isClosedToAll(code, error);
}

/** Whether a database accepts no connections, as while it is copied or moved; of a statement the code means another thing. */
const isClosedToAll = (code: string, error: Error): boolean =>
  code === '55000' && 'severity' in error && error.severity === 'FATAL';

/**
 * Runs database work; errors that say that it cannot be reached become `database_unreachable`: they are transient, and
 * a commit in progress may have happened.
 */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toReachError(error);
  }
}

export function toReachError(error: unknown): unknown {
  if (!isDatabaseUnreachable(error) || isStoreError(error, 'database_unreachable')) return error;
  // A name with several IP addresses fails once for each, and the aggregate error has no message.
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const reasons = parts.map((part) => (part instanceof Error ? part.message : String(part)));
  const message = `The database cannot be reached at the moment: ${reasons.join('; ')}`;
  return new StoreError('database_unreachable', message, { cause: error });
}
