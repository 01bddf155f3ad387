import type { FastifyInstance } from 'fastify';
import { type InferAnswer, routes } from '#api';
import type { Coerced } from '#contracts';
import { listModels, versionOfAlias } from '#ml';
import { ServerError } from '../errors.ts';
import { acceptUnnamedJson } from '../plugins/accept-unnamed-json.ts';
import { toAskedVersion, unknownModel } from '../predictions/asked-version.ts';
import { coercedIn } from '../predictions/coerced-in.ts';
import { createPredictionService } from '../predictions/prediction-service.ts';
import { assertOutputs, modelTensors, toOutputs, toRows } from '../protocols/tensors.ts';
import type { RouteContext } from './context.ts';
import { type Asked, fulfil } from './fulfil.ts';

interface Named {
  readonly name: string;
  readonly version?: string;
}
type AskedInfer = Pick<Asked<typeof routes.infer>, 'body' | 'headers' | 'reply'> & { readonly params: Named };

/** The Open Inference Protocol, version 2, over HTTP: what clients of Triton, KServe and others speak. */
export function registerOpenInference(app: FastifyInstance, context: RouteContext): void {
  const { contract, database, project, predictor } = context;
  const versionOf = ({ name, version }: Named) => {
    if (name !== project.name) throw unknownModel(name, project.name);
    return toAskedVersion(version, project.name);
  };
  const isReady = async (): Promise<boolean> =>
    contract !== undefined &&
    (await versionOfAlias(database, { model: project.name, alias: 'champion' })) !== undefined;
  const describe = async (params: Named) => {
    const asked = versionOf(params);
    if (contract === undefined) throw new ServerError('model_absent');
    const versions = (await listModels(database, project.name)).versions.map(({ version }) => version);
    if (typeof asked === 'number' && !versions.includes(asked)) throw unknownVersion(asked);
    return { name: project.name, versions: versions.map(String), platform: 'weir', ...modelTensors(contract) };
  };
  const ready = async (params: Named) => {
    const version = versionOf(params);
    if (contract === undefined) throw new ServerError('model_absent');
    await predictor.predict([], { version });
    return { name: project.name, ready: true };
  };

  fulfil(app, routes.inferenceServer, {
    handle: () => ({ name: 'weir', version: project.version, extensions: [] }),
  });
  fulfil(app, routes.inferenceLive, { handle: () => ({ live: true }) });
  fulfil(app, routes.inferenceReady, {
    handle: async ({ reply }) => {
      const answer = { ready: await isReady() };
      reply.code(answer.ready ? 200 : 503);
      return answer;
    },
  });
  fulfil(app, routes.inferenceModel, { handle: ({ params }) => describe(params) });
  fulfil(app, routes.inferenceModelVersion, { handle: ({ params }) => describe(params) });
  fulfil(app, routes.inferenceModelReady, { handle: ({ params }) => ready(params) });
  fulfil(app, routes.inferenceModelVersionReady, { handle: ({ params }) => ready(params) });
  registerInfer(app, { context, versionOf });
}

interface InferOptions {
  readonly context: RouteContext;
  readonly versionOf: (named: Named) => ReturnType<typeof toAskedVersion>;
}

function registerInfer(app: FastifyInstance, { context, versionOf }: InferOptions): void {
  const { contract, project, limits, metrics } = context;
  const service = createPredictionService(context);
  const infer = async ({ params, headers, body, reply }: AskedInfer): Promise<InferAnswer> => {
    const version = versionOf(params);
    if (contract === undefined) throw new ServerError('model_absent');
    assertOutputs(body.outputs, contract);
    const idempotencyKey = headers['idempotency-key'];
    const rows = toRows(body, limits.predictionRows);
    const predictions = await service.predict({ body: rows, source: 'api', version, idempotencyKey });
    const modelVersion = predictions[0]?.modelVersion ?? '';
    const seconds = reply.elapsedTime / 1000;
    metrics.predicted({ source: 'api', modelVersion, rows: predictions.length, seconds });
    const coerced = coercedIn(predictions);
    return {
      model_name: project.name,
      model_version: modelVersion.slice(modelVersion.lastIndexOf('@') + 1),
      ...(body.id === undefined ? {} : { id: body.id }),
      ...(coerced === undefined ? {} : { parameters: toParameters(coerced) }),
      outputs: toOutputs(predictions, body.outputs),
    };
  };
  app.register(async (scope) => {
    acceptUnnamedJson(scope, limits);
    // Outputs have their shape already; checking each value again takes longer than predicting.
    const serializerCompiler = () => JSON.stringify;
    fulfil(scope, routes.infer, { bodyLimit: limits.bodyBytes, serializerCompiler, handle: infer });
    fulfil(scope, routes.inferVersion, { bodyLimit: limits.bodyBytes, serializerCompiler, handle: infer });
  });
}

/** Parameters of the protocol are plain values. */
function toParameters(coerced: Coerced): Record<string, number> {
  return Object.fromEntries(
    Object.entries(coerced).flatMap(([column, changes]) =>
      Object.entries(changes).map(([change, cells]) => [`coerced.${column}.${change}`, cells] as const),
    ),
  );
}

function unknownVersion(version: number): ServerError {
  return new ServerError('model_unknown', `There is no version ${version} of the model. /v2/models/<name> lists them.`);
}
