import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { unversionedPath } from '#api';
import { authenticatorsOf } from './access/authenticators.ts';
import { loginsOf } from './access/logins-of.ts';
import { ServerError } from './errors.ts';
import type { Limits, ServerOptions, ServerReach } from './options.ts';
import { registerAccess } from './plugins/access.ts';
import { registerAnswerLimit } from './plugins/answer-limit.ts';
import { registerAudit } from './plugins/audit.ts';
import { BodiesInFlight, registerBodiesInFlight } from './plugins/bodies-in-flight.ts';
import { registerCompression } from './plugins/compress-answer.ts';
import { registerEntityTags } from './plugins/entity-tags.ts';
import { registerErrors, sendError } from './plugins/errors.ts';
import { registerGuard } from './plugins/guard.ts';
import { registerInflation } from './plugins/inflate-body.ts';
import { acceptJsonOnly } from './plugins/json-body.ts';
import { type MetricsOptions, registerMetrics } from './plugins/metrics.ts';
import { registerOpenapi } from './plugins/openapi.ts';
import { registerRateLimit, registerRefusalLimit } from './plugins/rate-limit.ts';
import { registerRequestCounts } from './plugins/request-counts.ts';
import { registerRequestLine } from './plugins/request-line.ts';
import { DATA_HEADERS, registerSecurityHeaders, SECURITY_HEADERS } from './plugins/security-headers.ts';
import { registerTracing } from './plugins/tracing.ts';
import { collectMethods, registerUnrouted } from './plugins/unrouted.ts';
import { registerWebApp } from './plugins/web-app.ts';
import { createPredictor } from './predictions/predictor.ts';
import { registerRoutes } from './routes/index.ts';

/** The routes of one project, without a socket: `Server` passes them its requests. */
export interface App {
  handle(request: IncomingMessage, response: ServerResponse): void;
  readonly inject: FastifyInstance['inject'];
  /** Ends event streams: their clients connect again by themselves. */
  endStreams(): void;
  /** Refuses what comes from now on. */
  refuse(): void;
  /** Resolves when no request is in progress. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** What all apps of one server have in common. */
export interface AppSurroundings extends MetricsOptions {
  readonly limits: Limits;
  readonly logger: FastifyBaseLogger;
  /** Port of the server, once it listens. */
  readonly port: () => number | undefined;
  /** From the moment that the server is to stop. */
  readonly isStopping: () => boolean;
}

/** Builds the routes, their OpenAPI and the pages of a project. */
export async function createApp(options: ServerOptions, around: AppSurroundings): Promise<App> {
  const { limits, metrics } = around;
  const streams = new AbortController();
  const requests = new RequestsInProgress();
  const { reach = {} } = options;
  const { app, handler } = createFastify(around, reach);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  acceptJsonOnly(app, limits);
  registerErrors(app);
  const refuse = addRefusal(app);
  const methodsOf = collectMethods(app);
  closeConnections(app, around);
  registerAnswerLimit(app, limits.answerMs);
  registerRequestLine(app);
  registerGuard(app, { reach, port: around.port });
  registerAudit(app, options);
  registerRefusalLimit(app, limits);
  const logins = loginsOf(options);
  const access = registerAccess(app, authenticatorsOf(app, options, logins));
  registerRateLimit(app, limits);
  const bodies = new BodiesInFlight(limits);
  registerBodiesInFlight(app, { ...limits, bodies });
  registerInflation(app);
  registerEntityTags(app);
  registerCompression(app);
  registerSecurityHeaders(app, reach);
  registerTracing(app);
  registerMetrics(app, around, options);
  registerRequestCounts(app, options);
  await access.grant('viewer', () => registerOpenapi(app, options));
  const { database, artifacts, project } = options;
  const predictor = options.predictor ?? createPredictor({ database, artifacts, model: project.name });
  const { isStopping } = around;
  const context = {
    ...{ ...options, access: logins, limits, predictor, metrics, bodies },
    ...{ isStopping, streamsEnd: streams.signal },
  };
  await app.register(async (inner) => registerRoutes(inner, context));
  // A page shows the login, and gets everything else from the API.
  const sendPage = await access.grant('anyone', () => registerWebApp(app, options.webFolder));
  registerUnrouted(app, { methodsOf, sendPage });
  await app.ready();
  return {
    handle: (request, response) => {
      requests.add(response);
      handler(request, response);
    },
    inject: app.inject.bind(app),
    endStreams: () => streams.abort(),
    refuse,
    idle: () => requests.idle(),
    close: () => app.close(),
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function createFastify(
  { limits, logger }: AppSurroundings,
  { trustProxy = [] }: ServerReach,
): { app: FastifyInstance; handler: Handler } {
  let handler: Handler = () => undefined;
  const app = Fastify({
    loggerInstance: logger,
    // The server that listens outlives the app; this one never listens.
    serverFactory: (given) => {
      handler = given;
      return createHttpServer();
    },
    // Our own hook refuses these, in the form of all errors.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    ...(trustProxy.length === 0 ? {} : { trustProxy: [...trustProxy] }),
    bodyLimit: limits.bodyBytes,
    rewriteUrl: ({ url = '/' }) => unversionedPath(url),
    routerOptions: { maxParamLength: 200 },
    // Every scheduled prediction would write two lines; failures and refusals are logged with their response.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    exposeHeadRoutes: true,
    frameworkErrors: (cause, request, reply) => {
      const message = 'The address could not be read. Check its percent signs and its length.';
      // No hook runs for an address that cannot be read.
      reply.headers({ ...SECURITY_HEADERS, ...DATA_HEADERS });
      sendError(new ServerError('request_invalid', message, { cause }), request, reply);
    },
  });
  return { app, handler };
}

/** Requests on connections that stay open while the server closes are refused once the result was called. */
function addRefusal(app: FastifyInstance): () => void {
  let isClosing = false;
  app.addHook('onRequest', async () => {
    if (!isClosing) return;
    const message = 'The server is shutting down. Try again in a moment.';
    throw new ServerError('server_closing', message, { headers: { connection: 'close' } });
  });
  return () => {
    isClosing = true;
  };
}

/** While the server waits to stop, each answer asks its client to connect again, which reaches another server. */
function closeConnections(app: FastifyInstance, { isStopping }: AppSurroundings): void {
  app.addHook('onSend', async (_request, reply) => {
    if (isStopping()) reply.header('connection', 'close');
  });
}

const LISTENERS_MAX = 20;

class RequestsInProgress {
  readonly #responses = new Set<ServerResponse>();
  readonly #waiting: (() => void)[] = [];

  add(response: ServerResponse): void {
    this.#responses.add(response);
    // Each plugin listens to it once, and a stream a few times: more than the ten that would be a leak elsewhere.
    response.setMaxListeners(LISTENERS_MAX);
    response.once('close', () => {
      this.#responses.delete(response);
      if (this.#responses.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  idle(): Promise<void> {
    if (this.#responses.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
