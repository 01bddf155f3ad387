import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Contract } from '#contracts';
import { ServerError } from '../errors.ts';
import { parseJson } from '../parse-json.ts';
import { createPredictionService } from '../predictions/prediction-service.ts';
import { rowsOfCsv, rowsOfJson } from '../protocols/mlflow-rows.ts';
import type { RouteContext } from './context.ts';
import { acceptAnyType, keyOf } from './open-inference.ts';

const ANYONE = { config: { access: 'anyone' as const } };
// As of `POST /api/predict`, the audit log keeps no predictions: they have a table of their own.
const OPERATOR = { config: { access: 'operator' as const, audit: { action: 'invocations', isChange: false } } };
const CSV = /^\s*text\/csv\s*(?:;|$)/i;

/** MLflow's scoring protocol: what `mlflow models serve` answers, so that its clients work without a change. */
export function registerMlflow(app: FastifyInstance, context: RouteContext): void {
  const { contract, project, limits, metrics } = context;
  const service = createPredictionService(context);
  app.register(async (scope) => {
    acceptAnyType(scope, limits.bodyBytes);
    for (const path of ['/ping', '/health'])
      scope.get(path, ANYONE, (_request, reply) => reply.type('text/plain; charset=utf-8').send('\n'));
    scope.get('/version', ANYONE, (_request, reply) => reply.type('text/plain; charset=utf-8').send(project.version));
    scope.post('/invocations', OPERATOR, async (request, reply) => {
      if (contract === undefined) throw new ServerError('model_absent');
      const body = rowsOf(request, contract);
      const predictions = await service.predict({ body, source: 'api', idempotencyKey: keyOf(request) });
      const modelVersion = predictions[0]?.modelVersion ?? '';
      const seconds = reply.elapsedTime / 1000;
      metrics.predicted({ source: 'api', modelVersion, rows: predictions.length, seconds });
      return { predictions: predictions.map(({ prediction }) => prediction) };
    });
  });
}

function rowsOf({ headers, body }: FastifyRequest, contract: Contract): readonly unknown[] {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  return CSV.test(headers['content-type'] ?? '') ? rowsOfCsv(bytes, contract) : rowsOfJson(parseJson(bytes.toString()));
}
