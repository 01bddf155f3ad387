import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_TYPE } from '#api';
import { withoutCredentials } from '#engine';
import { ServerError, type ServerErrorCode } from '../errors.ts';
import { isFastifyError, toBody, toServerError, withCauses } from '../to-server-error.ts';
import { validationMessage } from './validation-message.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The errors that the route can answer with, as its documentation says; absent for what is not documented. */
    readonly refusals?: ReadonlySet<ServerErrorCode>;
    /** Whether errors say what is wrong in a field `error` too, which clients of other systems read. */
    readonly saysError?: boolean;
  }
}

/** Turns a thrown value into a response; what the caller must not see is logged under the request id. */
export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
}

/** Logged for an error that the documentation of its route does not list. */
export const UNDOCUMENTED = 'undocumented error';

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = fromValidation(error, request) ?? toServerError(error, request.id);
  logAnswer(answer, error, request);
  const { refusals, saysError } = request.routeOptions.config;
  const body = toBody(answer, request.id);
  if (refusals?.has(answer.code) === false) request.log.warn({ code: answer.code }, UNDOCUMENTED);
  const retryAfter = RETRY_AFTER_SECONDS[answer.code];
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  if (answer.code === 'media_type_unsupported') reply.header('accept', 'application/json');
  return reply
    .code(answer.status)
    .headers(answer.headers)
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send(saysError === true ? { ...body, error: answer.message } : body);
}

/** Transient errors, and when a retry may help. */
const RETRY_AFTER_SECONDS: Partial<Record<ServerErrorCode, number>> = {
  database_unreachable: 1,
  overloaded: 1,
  server_closing: 1,
  answer_timeout: 1,
  clients_exhausted: 10,
  champion_missing: 10,
};

/** Only unexpected errors are logged with a stack: an unreachable database would write one for each request. */
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

function fromValidation(error: unknown, request: FastifyRequest): ServerError | undefined {
  if (!isFastifyError(error) || error.validation === undefined) return undefined;
  return new ServerError('request_invalid', validationMessage(error, request), { cause: error });
}
