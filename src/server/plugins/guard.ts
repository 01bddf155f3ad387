import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const HTTP_PORT = 80;
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Addresses that may be bound without a login: only programs of this machine can reach them. */
export function isLoopback(host: string): boolean {
  return ['127.0.0.1', 'localhost', '::1'].includes(host);
}

/**
 * Without a login, a page of any site could send requests here through the browser. So the Host must be this server's
 * (against DNS rebinding), and requests of another origin that change something are refused.
 */
export function registerGuard(app: FastifyInstance, ownPort: () => number | undefined): void {
  app.addHook('onRequest', async (request) => {
    assertOwnHost(request, ownPort());
    if (!SAFE_METHODS.includes(request.method)) assertOwnOrigin(request);
    if (/%00/.test(request.url))
      throw new ServerError('request_invalid', 'The address holds a NUL character. Remove it.');
  });
}

function assertOwnHost({ headers }: FastifyRequest, port: number | undefined): void {
  if (headers.host === undefined) throw new ServerError('request_invalid', 'Expected a Host header; none came.');
  const [, name = '', given] = /^(.*?)(?::(\d{1,5}))?$/.exec(headers.host?.toLowerCase() ?? '') ?? [];
  const isOwnPort = port === undefined || Number(given ?? HTTP_PORT) === port;
  if (LOOPBACK_NAMES.includes(name) && isOwnPort) return;
  throw new ServerError(
    'host_refused',
    `Expected Host to be a loopback name with this server's port, such as 127.0.0.1:${port ?? HTTP_PORT}; got ${JSON.stringify(headers.host ?? '')}.`,
  );
}

function assertOwnOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn = origin === undefined || origin === `http://${host}`;
  const isSameSite = site === undefined || site === 'same-origin' || site === 'none';
  if (isOwn && isSameSite) return;
  throw new ServerError(
    'origin_refused',
    'Requests that change something are taken from this server’s own pages and from programs, never from pages of another origin.',
  );
}
