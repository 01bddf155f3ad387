import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { toAskedVersion } from '../predictions/asked-version.ts';
import { createPredictionService } from '../predictions/prediction-service.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { compileAllButBody } from './unparsed-body.ts';

export function registerPredict(app: FastifyInstance, context: RouteContext): void {
  const { limits, metrics } = context;
  const service = createPredictionService(context);
  fulfil(app, routes.predict, {
    bodyLimit: limits.bodyBytes,
    validatorCompiler: compileAllButBody,
    // Stored predictions have their shape already; checking 10,000 of them again took longer than predicting.
    serializerCompiler: () => JSON.stringify,
    handle: async ({ body, query, headers, reply }) => {
      const source = headers['x-weir-source'] ?? 'api';
      const idempotencyKey = headers['idempotency-key'];
      const predictions = await service.predict({
        ...{ body, source, idempotencyKey },
        version: toAskedVersion(query.version, context.project.name),
        isStored: query.store === 'true',
        isExplained: query.explain === 'true',
      });
      const modelVersion = predictions[0]?.modelVersion ?? '';
      metrics.predicted({ source, modelVersion, rows: predictions.length, seconds: reply.elapsedTime / 1000 });
      return { modelVersion, isStored: query.store === 'true', predictions };
    },
  });
}
