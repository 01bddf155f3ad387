import type { FastifyInstance } from 'fastify';
import type { Collector, Measured } from '../metrics/collect.ts';
import { asksForOpenmetrics, OPENMETRICS_TYPE, toOpenmetrics, toPrometheus } from '../metrics/exposition.ts';
import type { Metrics } from '../metrics/metrics.ts';

export interface MetricsOptions {
  readonly metrics: Metrics;
  readonly collector: Collector;
}

/** Times every request by route, and answers `/metrics` in the text format of Prometheus, or as OpenMetrics when asked. */
export function registerMetrics(
  app: FastifyInstance,
  { metrics, collector }: MetricsOptions,
  measured: Measured,
): void {
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, not the path: the number of labels must be bounded.
    const route = request.routeOptions.url ?? 'none';
    metrics.answered({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', { config: { access: 'viewer' }, schema: { hide: true } }, async (request, reply) => {
    await collector.collect(measured);
    const text = toPrometheus(await metrics.registry.metrics());
    reply.header('vary', 'accept');
    if (!asksForOpenmetrics(request.headers.accept)) return reply.type(metrics.registry.contentType).send(text);
    return reply.type(OPENMETRICS_TYPE).send(toOpenmetrics(text));
  });
}
