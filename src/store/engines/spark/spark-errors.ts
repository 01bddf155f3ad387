import { StoreError, type StoreErrorCode } from '../../errors.ts';

/** Codes of gRPC. */
const CANCELLED = 1;
const UNKNOWN = 2;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const RESOURCE_EXHAUSTED = 8;

interface GrpcError extends Error {
  readonly code: number;
  readonly details: string;
}

const isGrpcError = (error: unknown): error is GrpcError =>
  error instanceof Error && 'details' in error && 'code' in error && typeof error.code === 'number';

/** Whether the connection was lost, and the work goes on at the server. */
export function isConnectionLost(error: unknown): boolean {
  if (!isGrpcError(error)) return false;
  const { code, details } = error;
  if (code === UNAVAILABLE) return true;
  if (details.includes('INVALID_CURSOR.DISCONNECTED')) return true;
  return (
    [INTERNAL, UNKNOWN, CANCELLED].includes(code) &&
    /RST_STREAM|stream removed|connection|socket hang up/i.test(details)
  );
}

/** The server never got the request, or has ended it long ago. */
export const isUnknownOperation = (error: unknown): boolean =>
  isGrpcError(error) && error.details.includes('INVALID_HANDLE.OPERATION_NOT_FOUND');

/** It got the request, and only the answer was lost. */
export const isKnownOperation = (error: unknown): boolean =>
  isGrpcError(error) && error.details.includes('INVALID_HANDLE.OPERATION_ALREADY_EXISTS');

export const isUnknownSession = (error: unknown): boolean =>
  isGrpcError(error) && /INVALID_HANDLE\.SESSION|session not found/i.test(error.details);

/** Adds to an error of the server what helps. */
export function toEngineError(error: unknown, target: string): StoreError {
  if (error instanceof StoreError) return error;
  if (!isGrpcError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return new StoreError('engine_ended', `Spark at ${target} gave an answer that cannot be read: ${message}`, {
      cause: error,
    });
  }
  const [code, advice] = meaningOf(error);
  return new StoreError(code, `Spark at ${target} ${advice}: ${toWords(error.details)}`, { cause: error });
}

function meaningOf({ code, details }: GrpcError): readonly [StoreErrorCode, string] {
  if (/OPERATION_CANCELED|OPERATION_ABANDONED|INVALID_HANDLE\.(SESSION|OPERATION)|operation not found/.test(details)) {
    return ['engine_ended', 'ended the statement'];
  }
  switch (code) {
    case UNAVAILABLE:
      return [
        'engine_unreachable',
        'cannot be reached; start the server, correct engines.spark.url, or set use_ssl as the server has it',
      ];
    case UNAUTHENTICATED:
    case PERMISSION_DENIED:
      return ['engine_unusable', 'refused the token; correct engines.spark.token'];
    case UNIMPLEMENTED:
      return ['engine_unusable', 'does not speak the protocol of Spark Connect, or only an older form of it'];
    case CANCELLED:
      return ['engine_ended', 'ended the statement'];
    case RESOURCE_EXHAUSTED:
      return ['engine_statement', 'has no room for the answer'];
    default:
      return ['engine_statement', 'refused a statement'];
  }
}

const WORDS_MAX = 2000;
/** How the lines begin where the words of an error end. */
const STACK = ['at ', 'JVM stacktrace', '== SQL'];

/** Without the stack of the server. */
function toWords(details: string): string {
  const lines = details.split('\n');
  const end = lines.findIndex((line, index) => index > 0 && STACK.some((begin) => line.trimStart().startsWith(begin)));
  const words = end === -1 ? lines : lines.slice(0, end);
  return words.join('\n').trim().slice(0, WORDS_MAX);
}
