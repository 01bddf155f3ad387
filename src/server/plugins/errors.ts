import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorBody } from '#api';
import { withoutCredentials } from '#engine';
import { maybeAnswer } from '../answers.ts';
import { ServerError, type ServerErrorCode } from '../errors.ts';
import { validationMessage } from './validation-message.ts';

/** Turns whatever is thrown into an answer; what the caller must not see goes to the log under the request id. */
export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = fromValidation(error, request) ?? toServerError(error, request.id);
  logAnswer(answer, error, request);
  const retryAfter = RETRY_AFTER_SECONDS[answer.code];
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply
    .code(answer.status)
    .headers(answer.headers)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(toBody(answer));
}

/** Refusals that pass by themselves, and when asking again may help. */
const RETRY_AFTER_SECONDS: Partial<Record<ServerErrorCode, number>> = {
  database_unreachable: 1,
  overloaded: 1,
  server_closing: 1,
  answer_timeout: 1,
  clients_exhausted: 10,
  champion_missing: 10,
};

/** Only what we did not expect is worth a stack: a database that is away would write one for each request. */
function logAnswer({ code, status }: ServerError, error: unknown, { log }: FastifyRequest): void {
  if (code === 'internal') log.error({ err: error }, 'request failed');
  else if (status >= 500) log.warn({ code, cause: causeOf(error) }, 'request failed');
  else log.info({ code }, 'request refused');
}

/** The innermost error in words, without the passwords that addresses carry. */
function causeOf(error: unknown): string {
  const innermost = withCauses(error).at(-1);
  return withoutCredentials(innermost === undefined ? String(error) : innermost.message);
}

export function toBody({ code, message, problems }: ServerError): ErrorBody {
  return { code, message, ...(problems === undefined ? {} : { problems: [...problems] }) };
}

/** Which answer a thrown thing becomes: the outermost error of a part that says something to the caller counts. */
export function toServerError(error: unknown, requestId: string): ServerError {
  for (const each of withCauses(error)) {
    if (each instanceof ServerError) return each;
    const code = maybeAnswer(each);
    if (code === undefined || code === 'internal') continue;
    // What the store says names addresses and files.
    const message = code === 'database_unreachable' ? undefined : each.message;
    return new ServerError(code, message, { cause: error });
  }
  return fromFastify(error) ?? fromDatabase(error) ?? internal(error, requestId);
}

function withCauses(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let each = error; found.length < CAUSES_MAX && each instanceof Error; each = each.cause) found.push(each);
  return found;
}

function internal(cause: unknown, requestId: string): ServerError {
  return new ServerError('internal', `An internal error occurred. The log has more under request ${requestId}.`, {
    cause,
  });
}

const FROM_FASTIFY: Readonly<Record<string, ServerErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_HANDLER_TIMEOUT: 'answer_timeout',
};

function fromValidation(error: unknown, request: FastifyRequest): ServerError | undefined {
  if (!isFastifyError(error) || error.validation === undefined) return undefined;
  return new ServerError('request_invalid', validationMessage(error, request), { cause: error });
}

function fromFastify(error: unknown): ServerError | undefined {
  if (!isFastifyError(error)) return undefined;
  const known = FROM_FASTIFY[error.code];
  if (known !== undefined) return new ServerError(known, undefined, { cause: error });
  const isRefusal = (error.statusCode ?? 500) >= 400 && (error.statusCode ?? 500) < 500;
  return isRefusal ? new ServerError('request_invalid', 'The request could not be read.', { cause: error }) : undefined;
}

function isFastifyError(error: unknown): error is FastifyError {
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
