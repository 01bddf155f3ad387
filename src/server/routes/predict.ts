import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { rowReader } from '../predictions/contract-rows.ts';
import { predictAndStore } from '../predictions/predict-and-store.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerPredict(app: FastifyInstance, context: RouteContext): void {
  const { database, predictor, contract, limits, metrics } = context;
  const read = rowReader(contract, limits);
  const answer = predictAndStore({ database, predictor });
  fulfil(app, routes.predict, {
    bodyLimit: limits.bodyBytes,
    // Rows are read by the contract, which says row and field; stored predictions have their shape already.
    validatorCompiler: ({ schema, httpPart }) =>
      httpPart === 'body'
        ? (value) => ({ value })
        : app.validatorCompiler!({
            schema,
            url: routes.predict.path,
            method: routes.predict.method,
            ...(httpPart && { httpPart }),
          }),
    serializerCompiler: () => JSON.stringify,
    handle: async ({ body, query, headers }) => {
      const source = headers['x-weir-source'] ?? 'api';
      const rows = read(body);
      const predictions = await answer({
        rows,
        source,
        version: query.version,
        request: headers['idempotency-key'],
      });
      metrics.predicted(source, predictions.length);
      return { modelVersion: predictions[0]?.modelVersion ?? '', predictions };
    },
  });
}
