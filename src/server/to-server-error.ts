import type { FastifyError } from 'fastify';
import { type ErrorBody, errorType } from '#api';
import { maybeAnswer } from './answers.ts';
import { ServerError, type ServerErrorCode } from './errors.ts';

/** The response for a thrown value: the outermost error of a part with an HTTP error counts. */
export function toServerError(error: unknown, requestId?: string): ServerError {
  for (const each of withCauses(error)) {
    if (each instanceof ServerError) return each;
    const code = maybeAnswer(each);
    if (code === undefined || code === 'internal') continue;
    // Messages of the store contain addresses and files.
    const message = code === 'database_unreachable' ? undefined : each.message;
    return new ServerError(code, message, { cause: error });
  }
  return fromFastify(error) ?? fromDatabase(error) ?? internal(error, requestId);
}

/** An error as the body of the answer to a request. */
export function toBody({ code, title, status, message, problems }: ServerError, requestId: string): ErrorBody {
  return {
    type: errorType(code),
    title,
    status,
    detail: message,
    instance: `urn:weir:request:${encodeURIComponent(requestId)}`,
    code,
    ...(problems === undefined ? {} : { problems: [...problems] }),
  };
}

/** An error, its cause, the cause of that, and so on. */
export function withCauses(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let each = error; found.length < CAUSES_MAX && each instanceof Error; each = each.cause) found.push(each);
  return found;
}

function internal(cause: unknown, requestId: string | undefined): ServerError {
  const where = requestId === undefined ? '' : ` The log has more under request ${requestId}.`;
  return new ServerError('internal', `An internal error occurred.${where}`, { cause });
}

const FROM_FASTIFY: Readonly<Record<string, ServerErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
};

function fromFastify(error: unknown): ServerError | undefined {
  if (!isFastifyError(error)) return undefined;
  const known = FROM_FASTIFY[error.code];
  if (known !== undefined) return new ServerError(known, undefined, { cause: error });
  const isRefusal = (error.statusCode ?? 500) >= 400 && (error.statusCode ?? 500) < 500;
  return isRefusal ? new ServerError('request_invalid', 'The request could not be read.', { cause: error }) : undefined;
}

export function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');
}

// Out of range, malformed date or time, date that does not exist, character not in repertoire, malformed text of a type.
const UNFIT_VALUES = ['22003', '22007', '22008', '22021', '22P02', '22P05'];
const CAUSES_MAX = 5;

function fromDatabase(error: unknown): ServerError | undefined {
  const isUnfit = withCauses(error).some((each) => 'code' in each && UNFIT_VALUES.includes(String(each.code)));
  if (!isUnfit) return undefined;
  const message =
    'A value of the request is out of range or malformed: a number too large, a date that does not exist.';
  return new ServerError('value_unfit', message, { cause: error });
}
