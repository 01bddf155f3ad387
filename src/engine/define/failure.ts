import { ADDRESS_LENGTH_MAX, isDatabaseUnreachable, isStoreError, toStorableText, withoutCredentials } from '#store';
import { DamagedArtifactError, type RetryClass, TaskError } from './errors.ts';
import { isInstance, maybeProperty, messageOf, nameOf, satisfies, withCauses } from './thrown.ts';

/** An error as it is stored: no live object, no secret. */
export interface FailureRecord {
  readonly class: RetryClass;
  readonly name: string;
  /** Of an error of ours: see `docs/errors.md`. */
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  /** Digest of stored bytes that were found damaged, and were removed. */
  readonly damaged?: string;
}

const INFRASTRUCTURE_CODES = new Set([
  ...['EMFILE', 'ENFILE', 'EIO', 'ENOSPC', 'EBUSY'],
  // Of fetch, whose connections have their own error codes.
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
]);
// PostgreSQL: serialisation and deadlock, errors of its system.
const INFRASTRUCTURE_STATES = /^(40|58)...$/;

/** What is likely to pass by itself is `infrastructure`; a class that the task gave counts; the rest is `user`. */
export function classifyError(thrown: unknown): RetryClass {
  for (const error of withCauses(thrown)) {
    if (!isInstance(error, Error)) return 'user';
    if (isInstance(error, TaskError)) {
      const said = maybeProperty(error, 'retryClass');
      return RETRY_CLASSES.find((known) => known === said) ?? 'user';
    }
    if (satisfies(error, isDatabaseUnreachable)) return 'infrastructure';
    // Killed, as by a system without memory, or crashed; what DuckDB itself refuses stays refused.
    if (satisfies(error, (each) => isStoreError(each, 'duckdb_ended'))) return 'infrastructure';
    const code = maybeProperty(error, 'code');
    if (typeof code === 'string' && (INFRASTRUCTURE_CODES.has(code) || INFRASTRUCTURE_STATES.test(code)))
      return 'infrastructure';
  }
  return 'user';
}

const RETRY_CLASSES: readonly RetryClass[] = ['user', 'data', 'infrastructure'];
const STACK_LENGTH_MAX = 8_000;
const MESSAGE_LENGTH_MAX = 4_000;
const NAME_LENGTH_MAX = 200;

/** A thrown value as it is stored, with passwords removed from URLs. */
export function toFailureRecord(thrown: unknown, retryClass: RetryClass = classifyError(thrown)): FailureRecord {
  // A task may have wrapped it.
  const damage = withCauses(thrown).find((error) => isInstance(error, DamagedArtifactError));
  const damaged = maybeProperty(damage, 'digest');
  const stack = maybeProperty(thrown, 'stack');
  return {
    class: typeof damaged === 'string' ? 'infrastructure' : retryClass,
    name: clean(nameOf(thrown), NAME_LENGTH_MAX),
    ...maybeCode(thrown),
    message: reasonOf(thrown),
    ...(typeof stack === 'string' ? { stack: clean(stack, STACK_LENGTH_MAX) } : {}),
    ...(typeof damaged === 'string' ? { damaged } : {}),
  };
}

function maybeCode(thrown: unknown): Pick<FailureRecord, 'code'> {
  const code = maybeProperty(thrown, 'code');
  // Our own errors name their part; the codes of others mean nothing next to their names.
  if (typeof code !== 'string' || typeof maybeProperty(thrown, 'part') !== 'string') return {};
  return { code: clean(code, NAME_LENGTH_MAX) };
}

/** The message of a thrown value, safe to store as a reason. */
export const reasonOf = (thrown: unknown): string => clean(messageOf(thrown), MESSAGE_LENGTH_MAX);

/** Text that is safe to store: bounded, valid for the database, and without the passwords of URLs. */
export function clean(text: string, lengthMax: number): string {
  const shown = withoutCredentials(text.slice(0, lengthMax + ADDRESS_LENGTH_MAX)).slice(0, lengthMax);
  return toStorableText(shown);
}
