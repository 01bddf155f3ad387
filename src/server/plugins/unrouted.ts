import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pages } from '#api';
import { ServerError } from '../errors.ts';
import type { SendPage } from './web-app.ts';

const READING = ['GET', 'HEAD'];
const PAGE_PATTERNS = Object.values(pages).map(toPattern);
/** Paths for programs; for other paths a person gets a page that says that there is none. */
const PROGRAMS_ONLY = /^\/(?:api|v2|docs|metrics|assets)(?:\/|$)/;
const SHOWN_CHARACTERS_MAX = 200;

type MethodsOf = (address: string) => readonly string[];

/** Collects the methods of each path while routes are registered. Call it before the first route. */
export function collectMethods(app: FastifyInstance): MethodsOf {
  const known: { readonly pattern: RegExp; readonly method: string }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    for (const one of [method].flat()) known.push({ pattern: toPattern(url), method: one });
  });
  return (address) => {
    const methods = known.filter(({ pattern }) => pattern.test(address)).map(({ method }) => method);
    return [...new Set([...methods, ...(isPage(address) ? READING : [])])].sort();
  };
}

export interface UnroutedOptions {
  readonly methodsOf: MethodsOf;
  /** Absent when the web app is not built. */
  readonly sendPage: SendPage | undefined;
}

/** Answers requests without a route: pages of the web app, OPTIONS, wrong methods, and unknown paths. */
export function registerUnrouted(app: FastifyInstance, options: UnroutedOptions): void {
  // Before a body is read, which some methods would need first, and which nobody takes.
  app.addHook('onRequest', async (request) => {
    if (request.is404) assertMethod(request, options.methodsOf);
  });
  app.setNotFoundHandler((request, reply) => answer(request, reply, options));
}

function assertMethod(request: FastifyRequest, methodsOf: MethodsOf): void {
  const [address = '/'] = request.url.split('?');
  const methods = address === '*' ? READING : methodsOf(address);
  if (methods.length === 0 || [...methods, 'OPTIONS'].includes(request.method)) return;
  throw methodNotAllowed(request, address, [...methods, 'OPTIONS'].join(', '));
}

function answer(request: FastifyRequest, reply: FastifyReply, { methodsOf, sendPage }: UnroutedOptions): FastifyReply {
  const [address = '/'] = request.url.split('?');
  const methods = address === '*' ? READING : methodsOf(address);
  const allow = [...methods, 'OPTIONS'].join(', ');
  if (methods.length > 0 && request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send();
  if (isPage(address) && sendPage === undefined) throw pageMissing();
  reply.header('vary', 'accept');
  if (sendPage !== undefined && isPerson(request)) {
    if (isPage(address)) return sendPage(reply);
    if (!PROGRAMS_ONLY.test(address)) return sendPage(reply.code(404));
  }
  throw routeUnknown(request, address);
}

function isPage(address: string): boolean {
  const bare = address.length > 1 ? address.replace(/\/$/, '') : address;
  return PAGE_PATTERNS.some((pattern) => pattern.test(bare));
}

function isPerson({ method, headers }: FastifyRequest): boolean {
  return READING.includes(method) && /\btext\/html\b/i.test(headers.accept ?? '');
}

/** Of a route (`/api/runs/:id`, `/docs/static/*`) or a page (`/runs/$id`): the paths it matches. */
function toPattern(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    const literal = segment.replaceAll(/[.+?^(){}|[\]\\]/g, '\\$&');
    return literal.replace(/^[:$]\w+/, '[^/]+').replace(/\*$/, '.*');
  });
  return new RegExp(`^${segments.join('/')}$`);
}

function methodNotAllowed({ method }: FastifyRequest, address: string, allow: string): ServerError {
  return new ServerError('method_not_allowed', `Expected ${allow} for ${show(address)}; got ${method}.`, {
    headers: { allow },
  });
}

function routeUnknown({ method }: FastifyRequest, address: string): ServerError {
  const what = isPage(address)
    ? `${show(address)} is a page of the web app, for a browser, which asks with the header "accept: text/html".`
    : `There is no route ${method} ${show(address)}.`;
  return new ServerError(
    'route_unknown',
    `${what} All routes are listed at /docs; /api/health tells whether Weir works.`,
  );
}

function pageMissing(): ServerError {
  return new ServerError(
    'page_missing',
    'The web app is not built. Run `npm run build`; the API is described at /docs.',
  );
}

function show(address: string): string {
  return JSON.stringify(address.slice(0, SHOWN_CHARACTERS_MAX));
}
