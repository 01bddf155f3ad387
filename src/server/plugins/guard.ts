import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from '#access';
import { ServerError } from '../errors.ts';
import type { ServerReach } from '../options.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

export interface GuardOptions {
  readonly reach: ServerReach;
  /** Port of the server, once it listens. */
  readonly port: () => number | undefined;
}

/**
 * A page of any site can send requests here through the browser of a user. So the Host must be this server's (against
 * DNS rebinding), and requests of another origin that change something are refused.
 */
export function registerGuard(app: FastifyInstance, { reach, port }: GuardOptions): void {
  app.addHook('onRequest', async (request) => {
    assertOwnHost(request, reach, port());
    if (!SAFE_METHODS.includes(request.method)) assertOwnOrigin(request, reach);
  });
}

function assertOwnHost(request: FastifyRequest, reach: ServerReach, port: number | undefined): void {
  if (request.headers.host === undefined)
    throw new ServerError('request_invalid', 'Expected a Host header; none came.');
  if (isOwnHost(request, reach, port)) return;
  const others = [...(reach.url === undefined ? [] : [new URL(reach.url).host]), ...(reach.hosts ?? [])];
  const names = [`a loopback name with this server's port, such as 127.0.0.1:${port ?? PORTS.http}`, ...others];
  throw new ServerError(
    'host_refused',
    `Expected Host to be ${names.join(', ')}, or the address that the request was sent to; got ${JSON.stringify(request.host)}. Set server.url to the address that people use, or add the name to server.hosts.`,
  );
}

function isOwnHost(request: FastifyRequest, { url, hosts = [] }: ServerReach, port: number | undefined): boolean {
  const host = request.host.toLowerCase();
  const [, name = '', given] = /^(.*?)(?::(\d{1,5}))?$/.exec(host) ?? [];
  if (hosts.some((each) => each === name || each === host)) return true;
  // A proxy that ends TLS passes on the name without the port of https.
  if (url !== undefined && host === new URL(url).host) return true;
  if (port !== undefined && Number(given ?? PORTS[request.protocol]) !== port) return false;
  // A page that was rebound has a name; addresses and names of this machine cannot be.
  return isLoopback(name) || name === ownAddress(request);
}

/** The address of this machine that the connection was made to, as a Host header gives it. */
function ownAddress({ socket }: FastifyRequest): string | undefined {
  const address = socket.localAddress?.replace(/^::ffff:(?=\d+\.)/, '');
  return address?.includes(':') ? `[${address}]` : address;
}

function assertOwnOrigin(request: FastifyRequest, reach: ServerReach): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isOwn = origin === undefined || originsOf(request, reach).includes(origin);
  const isSameSite = site === undefined || site === 'same-origin' || site === 'none';
  if (isOwn && isSameSite) return;
  throw new ServerError(
    'origin_refused',
    'Requests that change something are taken from this server’s own pages and from programs, never from pages of another origin. Behind a proxy, set server.url to the address that people use.',
  );
}

/** The origins of the pages that were loaded under the Host of a request. */
function originsOf(request: FastifyRequest, { url }: ServerReach): readonly string[] {
  const host = request.host.toLowerCase();
  const isPublic = url !== undefined && host === new URL(url).host;
  return isPublic ? [new URL(url).origin] : [`${request.protocol}://${host}`];
}
