import { isDatabaseUnreachable } from '#store';
import { DamagedArtifactError, type RetryClass, TaskError } from '../errors.ts';
import type { FailureRecord } from './executor.ts';

const INFRASTRUCTURE_CODES = new Set([
  ...['EMFILE', 'ENFILE', 'EIO', 'ENOSPC', 'EBUSY'],
  // Of fetch, whose connections fail with codes of their own.
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
]);
// PostgreSQL: serialisation and deadlock, errors of its system.
const INFRASTRUCTURE_STATES = /^(40|58)...$/;

/** What is likely to go away by itself is `infrastructure`; what the task says of itself counts; the rest is `user`. */
export function classifyError(error: unknown): RetryClass {
  if (error instanceof TaskError) return error.retryClass;
  if (!(error instanceof Error)) return 'user';
  if (isDatabaseUnreachable(error)) return 'infrastructure';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (INFRASTRUCTURE_CODES.has(code) || INFRASTRUCTURE_STATES.test(code)) return 'infrastructure';
  return error.cause === undefined ? 'user' : classifyError(error.cause);
}

const STACK_LENGTH_MAX = 8_000;
const MESSAGE_LENGTH_MAX = 4_000;

/** An error as it is stored. A connection URL loses its password on the way. */
export function toFailureRecord(error: unknown, retryClass: RetryClass = classifyError(error)): FailureRecord {
  if (!(error instanceof Error))
    return { class: retryClass, name: 'Error', message: clean(String(error), MESSAGE_LENGTH_MAX) };
  const damaged = maybeDamaged(error);
  return {
    class: damaged === undefined ? retryClass : 'infrastructure',
    name: error.name,
    message: clean(error.message, MESSAGE_LENGTH_MAX),
    ...(error.stack === undefined ? {} : { stack: clean(error.stack, STACK_LENGTH_MAX) }),
    ...(damaged === undefined ? {} : { damaged }),
  };
}

/** A task may have wrapped it. */
function maybeDamaged(error: unknown): string | undefined {
  if (error instanceof DamagedArtifactError) return error.digest;
  return error instanceof Error && error.cause !== undefined ? maybeDamaged(error.cause) : undefined;
}

/** Text safe to store: bounded, and without passwords of connection URLs. */
export function clean(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi, '$1***@');
}
