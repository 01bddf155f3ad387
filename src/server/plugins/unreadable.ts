import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { PROBLEM_TYPE } from '#api';
import { ServerError, type ServerErrorCode } from '../errors.ts';
import { toBody } from '../to-server-error.ts';
import { DATA_HEADERS, SECURITY_HEADERS } from './security-headers.ts';

const CODES: Readonly<Record<string, ServerErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers a request that reaches no route, because it is malformed or incomplete, in the form of all errors. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket, log: FastifyBaseLogger): void {
  if (!isAnswerable(error, socket)) {
    socket.destroy();
    return;
  }
  const known = Object.hasOwn(CODES, error.code ?? '') ? CODES[error.code ?? ''] : undefined;
  const answer = known === undefined ? malformed(error) : new ServerError(known);
  const requestId = randomUUID();
  log.info({ requestId, code: answer.code, cause: error.code }, 'request refused');
  const body = JSON.stringify(toBody(answer, requestId));
  const headers = {
    ...SECURITY_HEADERS,
    ...DATA_HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${lines.join('')}\r\n${body}`, () =>
    socket.destroy(),
  );
}

function malformed(cause: Error): ServerError {
  const message =
    'Expected a request in HTTP/1.1; what came could not be read. Check its request line, headers and length.';
  return new ServerError('request_invalid', message, { cause });
}

/** A response that is being sent must not be followed by another. */
function isAnswerable({ code }: Error & { code?: string }, socket: Socket): boolean {
  // Node keeps the response in progress here, and checks the same before it responds by itself.
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { readonly headersSent: boolean } | null };
  return code !== 'ECONNRESET' && socket.writable && current?.headersSent !== true;
}
