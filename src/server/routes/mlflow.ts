import type { FastifyInstance, FastifyReply } from 'fastify';
import { routes } from '#api';
import { ServerError } from '../errors.ts';
import { acceptUnnamedJson } from '../plugins/accept-unnamed-json.ts';
import { coercedIn } from '../predictions/coerced-in.ts';
import { createPredictionService } from '../predictions/prediction-service.ts';
import { rowsOfCsv, rowsOfJson } from '../protocols/mlflow-rows.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { compileAllButBody } from './unparsed-body.ts';

/** MLflow's scoring protocol: what `mlflow models serve` answers, so that its clients work without a change. */
export function registerMlflow(app: FastifyInstance, context: RouteContext): void {
  const { contract, project, limits, metrics } = context;
  const service = createPredictionService(context);
  const rowsMax = limits.predictionRows;
  const say = (reply: FastifyReply, text: string) => reply.type('text/plain; charset=utf-8').send(text);
  for (const route of [routes.mlflowPing, routes.mlflowHealth])
    fulfil(app, route, { handle: ({ reply }) => say(reply, '\n') });
  fulfil(app, routes.mlflowVersion, { handle: ({ reply }) => say(reply, project.version) });
  app.register(async (scope) => {
    acceptUnnamedJson(scope, { ...limits, asBytes: ['text/csv'] });
    fulfil(scope, routes.invocations, {
      bodyLimit: limits.bodyBytes,
      validatorCompiler: compileAllButBody,
      serializerCompiler: () => JSON.stringify,
      handle: async ({ headers, body: given, reply }) => {
        if (contract === undefined) throw new ServerError('model_absent');
        const body: unknown = given;
        const rows = Buffer.isBuffer(body) ? rowsOfCsv(body, { contract, rowsMax }) : rowsOfJson(body, rowsMax);
        const predictions = await service.predict({
          ...{ body: rows, source: 'api', idempotencyKey: headers['idempotency-key'] },
        });
        const modelVersion = predictions[0]?.modelVersion ?? '';
        const seconds = reply.elapsedTime / 1000;
        metrics.predicted({ source: 'api', modelVersion, rows: predictions.length, seconds });
        const coerced = coercedIn(predictions);
        return { predictions: predictions.map(({ prediction }) => prediction), ...(coerced && { coerced }) };
      },
    });
  });
}
