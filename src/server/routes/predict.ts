import type { FastifyInstance, FastifySchema, FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { routes } from '#api';
import { ServerError } from '../errors.ts';
import { rowReader } from '../predictions/contract-rows.ts';
import { predictAndStore } from '../predictions/predict-and-store.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerPredict(app: FastifyInstance, context: RouteContext): void {
  const { database, predictor, contract, limits, metrics } = context;
  const read = contract && rowReader(contract, limits);
  const answer = predictAndStore({ database, predictor });
  let rowsAtOnce = 0;
  fulfil(app, routes.predict, {
    bodyLimit: limits.bodyBytes,
    validatorCompiler: compileAllButBody,
    // Stored predictions have their shape already; to check 10,000 of them again took longer than to make them.
    serializerCompiler: () => JSON.stringify,
    handle: async ({ body, query, headers }) => {
      const source = headers['x-weir-source'] ?? 'api';
      if (read === undefined) throw new ServerError('model_absent');
      const rows = read(body);
      if (rowsAtOnce + rows.length > limits.predictionRowsAtOnce) throw overloaded(rowsAtOnce);
      rowsAtOnce += rows.length;
      try {
        const request = headers['idempotency-key'];
        const predictions = await answer({ rows, source, version: query.version, request });
        metrics.predicted(source, predictions.length);
        return { modelVersion: predictions[0]?.modelVersion ?? '', predictions };
      } finally {
        rowsAtOnce -= rows.length;
      }
    },
  });
}

/** The body is read by the contract, which names row and field; its schema is there for the OpenAPI page. */
const compileAllButBody: FastifySchemaCompiler<FastifySchema> = ({ schema, ...route }) => {
  if (route.httpPart === 'body') return (value: unknown) => ({ value });
  // `fulfil` gives the schemas of `#api` on, which are all made with zod.
  return validatorCompiler({ ...route, schema: schema as z.ZodType });
};

function overloaded(rows: number): ServerError {
  return new ServerError(
    'overloaded',
    `${rows} rows are being predicted already. Send smaller requests, or try again.`,
  );
}
