import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Source } from '#ml';

export interface Metrics {
  predicted(source: Source, rows: number): void;
  answered(
    request: { readonly method: string; readonly route: string; readonly status: number },
    seconds: number,
  ): void;
  readonly registry: Registry;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counts and times of one server. They go on when its routes are replaced. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'weir_http_request_duration_seconds',
    help: 'Time to answer a request, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  const predictions = new Counter({
    name: 'weir_predictions_total',
    help: 'Predictions answered over HTTP, by source.',
    labelNames: ['source'],
    registers: [registry],
  });
  return {
    registry,
    predicted: (source, rows) => predictions.inc({ source }, rows),
    answered: (request, seconds) => requests.observe(request, seconds),
  };
}

/** Counts and times every request by route, and predictions by source; Prometheus reads them at `/metrics`. */
export function registerMetrics(app: FastifyInstance, { registry, answered }: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, not the path: the number of labels must be bounded.
    const route = request.routeOptions.url ?? 'none';
    answered({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', { config: { access: 'viewer' }, schema: { hide: true } }, async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
}
