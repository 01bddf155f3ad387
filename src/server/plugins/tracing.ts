import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inTrace, type OpenSpan, openSpan, traceOf } from '#engine';

const UNTRACED = /^\/(?:metrics|livez|readyz|healthz|api\/live|api\/ready|api\/health|assets\/.*)$/;

/**
 * A span for each request, which is part of the trace that its `traceparent` names. The header `x-trace-id` of every
 * answer, and thus of every error, says which trace to look for. Probes and scrapes are left out.
 */
export function registerTracing(app: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    if (UNTRACED.test(route)) return;
    const attributes = { 'http.request.method': request.method, 'http.route': route, 'weir.request.id': request.id };
    const name = `${request.method} ${route}`;
    const span = openSpan(name, { kind: 'server', parent: traceOf(request.headers), attributes });
    if (span === undefined) return;
    spans.set(request, span);
    reply.header('x-trace-id', span.traceId);
  });
  // Not before: a body is read by the events of its socket, which belong to no request.
  app.addHook('preValidation', (request, _reply, done) => inTrace(spans.get(request)?.context, done));
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = spans.get(request);
    span?.set({ 'http.response.status_code': statusCode });
    if (statusCode >= 500) span?.fail(String(statusCode));
    span?.end();
  });
  app.addHook('onRequestAbort', async (request) => spans.get(request)?.end());
}
