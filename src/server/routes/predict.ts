import type { FastifyInstance, FastifySchema, FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { routes } from '#api';
import { createPredictionService } from '../predictions/prediction-service.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerPredict(app: FastifyInstance, context: RouteContext): void {
  const { limits, metrics } = context;
  const service = createPredictionService(context);
  fulfil(app, routes.predict, {
    bodyLimit: limits.bodyBytes,
    validatorCompiler: compileAllButBody,
    // Stored predictions have their shape already; checking 10,000 of them again took longer than predicting.
    serializerCompiler: () => JSON.stringify,
    handle: async ({ body, query, headers }) => {
      const source = headers['x-weir-source'] ?? 'api';
      const idempotencyKey = headers['idempotency-key'];
      const predictions = await service.predict({ body, source, version: query.version, idempotencyKey });
      metrics.predicted(source, predictions.length);
      return { modelVersion: predictions[0]?.modelVersion ?? '', predictions };
    },
  });
}

/** The body is validated by the contract, which names row and field; its schema is only for OpenAPI. */
const compileAllButBody: FastifySchemaCompiler<FastifySchema> = ({ schema, ...route }) => {
  if (route.httpPart === 'body') return (value: unknown) => ({ value });
  // `fulfil` passes on the schemas of `#api`, which are all zod schemas.
  return validatorCompiler({ ...route, schema: schema as z.ZodType });
};
