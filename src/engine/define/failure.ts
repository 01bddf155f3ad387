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
  /** Digest of stored bytes that turned out not to be what it says, and were removed. */
  readonly damaged?: string;
}

const INFRASTRUCTURE_CODES = new Set([
  ...['EMFILE', 'ENFILE', 'EIO', 'ENOSPC', 'EBUSY'],
  // Of fetch, whose connections fail with codes of their own.
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
]);
// PostgreSQL: serialisation and deadlock, errors of its system.
const INFRASTRUCTURE_STATES = /^(40|58)...$/;

/** What is likely to go away by itself is `infrastructure`; what the task says of itself counts; the rest is `user`. */
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

/** Whatever was thrown, as it is stored. Addresses lose their passwords on the way. */
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
  // Errors of ours say which part they are of; the codes of others mean nothing beside their names.
  if (typeof code !== 'string' || typeof maybeProperty(thrown, 'part') !== 'string') return {};
  return { code: clean(code, NAME_LENGTH_MAX) };
}

/** What was thrown, in words that may be stored as the reason of something. */
export const reasonOf = (thrown: unknown): string => clean(messageOf(thrown), MESSAGE_LENGTH_MAX);

/** Text safe to store: bounded, such as the database takes, and without the passwords of addresses. */
export function clean(text: string, lengthMax: number): string {
  const shown = withoutCredentials(text.slice(0, lengthMax + ADDRESS_LENGTH_MAX)).slice(0, lengthMax);
  return toStorableText(shown);
}
