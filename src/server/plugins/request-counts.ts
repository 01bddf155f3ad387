import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServerOptions } from '../options.ts';
import { toServerError } from '../to-server-error.ts';

const API = '/api/';
/** Counted for a field that the contract does not know, so that the number of fields is bounded. */
const OTHER = 'other';

/** Counts answered requests of the API, and the fields that rows were refused for, where the options say to. */
export function registerRequestCounts(
  app: FastifyInstance,
  { requestCounts, contract }: Pick<ServerOptions, 'requestCounts' | 'contract'>,
): void {
  if (requestCounts === undefined) return;
  const columns = new Set(Object.keys(contract?.columns ?? {}));
  const refused = new WeakMap<FastifyRequest, readonly string[]>();
  app.addHook('onError', async (request, _reply, error) => {
    const { problems = [] } = toServerError(error);
    refused.set(
      request,
      problems.map(({ field }) => (columns.has(field) ? field : OTHER)),
    );
  });
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, not the path.
    const { url } = request.routeOptions;
    if (!url?.startsWith(API)) return;
    requestCounts.count({
      route: `${request.method} ${url}`,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
      fields: refused.get(request) ?? [],
    });
  });
}
