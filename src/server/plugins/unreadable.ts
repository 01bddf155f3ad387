import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { ServerError, type ServerErrorCode } from '../errors.ts';
import { toBody } from '../to-server-error.ts';
import { DATA_HEADERS, SECURITY_HEADERS } from './security-headers.ts';

const CODES: Readonly<Record<string, ServerErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers a request that no route can see, since it could not be read or did not arrive whole, like every other error. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket, log: FastifyBaseLogger): void {
  if (!isAnswerable(error, socket)) {
    socket.destroy();
    return;
  }
  const known = Object.hasOwn(CODES, error.code ?? '') ? CODES[error.code ?? ''] : undefined;
  const answer = known === undefined ? malformed(error) : new ServerError(known);
  log.info({ code: answer.code, cause: error.code }, 'request refused');
  const body = JSON.stringify(toBody(answer));
  const headers = {
    ...SECURITY_HEADERS,
    ...DATA_HEADERS,
    'content-type': 'application/json; charset=utf-8',
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

/** Bytes of an answer that is under way must not be followed by those of another. */
function isAnswerable({ code }: Error & { code?: string }, socket: Socket): boolean {
  // Node keeps the answer in progress here, and asks the same question before it answers by itself.
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { readonly headersSent: boolean } | null };
  return code !== 'ECONNRESET' && socket.writable && current?.headersSent !== true;
}
