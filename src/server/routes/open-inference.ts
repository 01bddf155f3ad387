import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { listModels, versionOfAlias } from '#ml';
import { ServerError } from '../errors.ts';
import { parseJson } from '../parse-json.ts';
import { toAskedVersion, unknownModel } from '../predictions/asked-version.ts';
import { createPredictionService } from '../predictions/prediction-service.ts';
import { inferRequest, modelTensors, toOutputs, toRows } from '../protocols/tensors.ts';
import { toBody, toServerError } from '../to-server-error.ts';
import type { RouteContext } from './context.ts';

const ANYONE = { config: { access: 'anyone' as const } };
const VIEWER = { config: { access: 'viewer' as const } };
// As of `POST /api/predict`, the audit log keeps no predictions: they have a table of their own.
const OPERATOR = { config: { access: 'operator' as const, audit: { action: 'infer', isChange: false } } };
const BINARY_HEADER = 'inference-header-content-length';
const MODEL_PATHS = ['/v2/models/:name', '/v2/models/:name/versions/:version'];

interface Named {
  readonly name: string;
  readonly version?: string;
}

/** The Open Inference Protocol, version 2, over HTTP: what clients of Triton, KServe and others speak. */
export function registerOpenInference(app: FastifyInstance, context: RouteContext): void {
  const { contract, database, project, limits, metrics, predictor } = context;
  const service = createPredictionService(context);
  const named = (request: FastifyRequest) => {
    // The pattern of the path has these.
    const { name, version } = request.params as Named;
    if (name !== project.name) throw unknownModel(name, project.name);
    if (version !== undefined && !/^(?:[1-9]\d{0,8}|champion|challenger)$/.test(version))
      throw new ServerError(
        'request_invalid',
        `Expected a version such as 3 or champion; got ${JSON.stringify(version)}.`,
      );
    return toAskedVersion(version, project.name);
  };
  const isReady = async (): Promise<boolean> =>
    contract !== undefined &&
    (await versionOfAlias(database, { model: project.name, alias: 'champion' })) !== undefined;

  app.register(async (scope) => {
    acceptAnyType(scope, limits.bodyBytes);
    scope.get('/v2', ANYONE, () => ({ name: 'weir', version: project.version, extensions: [] }));
    scope.get('/v2/health/live', ANYONE, () => ({ live: true }));
    scope.get('/v2/health/ready', ANYONE, async (_request, reply) => {
      const ready = await isReady();
      return reply.code(ready ? 200 : 503).send({ ready });
    });
    for (const path of MODEL_PATHS) {
      scope.get(path, VIEWER, async (request) => {
        named(request);
        if (contract === undefined) throw new ServerError('model_absent');
        const versions = (await listModels(database, project.name)).versions.map(({ version }) => String(version));
        return { name: project.name, versions, platform: 'weir', ...modelTensors(contract) };
      });
      scope.get(`${path}/ready`, VIEWER, async (request) => {
        await predictor.predict([], { version: named(request) });
        return { name: project.name, ready: true };
      });
      scope.post(`${path}/infer`, OPERATOR, async (request, reply) => {
        const version = named(request);
        const asked = readInfer(request);
        const idempotencyKey = keyOf(request);
        const predictions = await service.predict({ body: toRows(asked), source: 'api', version, idempotencyKey });
        const modelVersion = predictions[0]?.modelVersion ?? '';
        const seconds = reply.elapsedTime / 1000;
        metrics.predicted({ source: 'api', modelVersion, rows: predictions.length, seconds });
        return {
          model_name: project.name,
          model_version: modelVersion.slice(modelVersion.lastIndexOf('@') + 1),
          ...(asked.id === undefined ? {} : { id: asked.id }),
          outputs: toOutputs(predictions, asked.outputs),
        };
      });
    }
  });
}

/** Bodies as bytes, whatever they are called: clients of these protocols often name no type. Errors have `error` too. */
export function acceptAnyType(scope: FastifyInstance, bodyLimit: number): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
  scope.setErrorHandler((error, request, reply) => {
    const answer = toServerError(error, request.id);
    if (answer.code === 'internal') request.log.error({ err: error }, 'request failed');
    const body = toBody(answer, request.id);
    return reply
      .code(answer.status)
      .headers(answer.headers)
      .send({ ...body, error: answer.message });
  });
}

/** The idempotency key of a request, as far as it has one. */
export function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && key.length >= 1 && key.length <= 200)) return key;
  throw new ServerError('request_invalid', 'Expected an idempotency-key of 1 to 200 characters.');
}

function readInfer(request: FastifyRequest) {
  if (request.headers[BINARY_HEADER] !== undefined)
    throw new ServerError(
      'request_invalid',
      'The extension for binary tensors is not supported. Send the data as JSON: with tritonclient, set_data_from_numpy(values, binary_data=False).',
    );
  const text = Buffer.isBuffer(request.body) ? request.body.toString() : '';
  const parsed = inferRequest.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ServerError('request_invalid', `Expected a request of the protocol: ${z.prettifyError(parsed.error)}`);
}
