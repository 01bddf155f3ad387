import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { ServerError } from './errors.ts';
import { DEFAULT_LIMITS, type Limits, type ServerOptions } from './options.ts';
import { registerErrors, sendError } from './plugins/errors.ts';
import { isLoopback, registerGuard } from './plugins/guard.ts';
import { acceptJsonOnly } from './plugins/json-body.ts';
import { toLoggedError, toLoggedRequest } from './plugins/logging.ts';
import { registerMetrics } from './plugins/metrics.ts';
import { registerOpenapi } from './plugins/openapi.ts';
import { DATA_HEADERS, registerSecurityHeaders, SECURITY_HEADERS } from './plugins/security-headers.ts';
import { answerUnreadable } from './plugins/unreadable.ts';
import { collectMethods, registerUnrouted } from './plugins/unrouted.ts';
import { registerWebApp } from './plugins/web-app.ts';
import { createPredictor } from './predictions/predictor.ts';
import { registerRoutes } from './routes/index.ts';

/** How often connections are checked for requests that take too long to arrive. */
const LATENESS_LOOK_MS = 5_000;

export interface ListenOptions {
  /** A loopback address; others are refused, because there is no login. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** The HTTP server of Weir. */
export interface Server {
  /** Starts to accept requests; resolves with the address. */
  listen(options: ListenOptions): Promise<{ readonly url: string; readonly port: number }>;
  /** Accepts nothing new, ends event streams, lets requests in progress finish within the bound, then cuts them off. */
  close(): Promise<void>;
  /** For tests: sends a request without a socket. */
  readonly inject: FastifyInstance['inject'];
}

/** Builds the server; nothing is reachable until `listen`. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const app = createApp(options, limits);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  acceptJsonOnly(app);
  registerErrors(app);
  refuseWhileClosing(app);
  const methodsOf = collectMethods(app);
  let port: number | undefined;
  app.server.on('listening', () => {
    port = portOf(app);
  });
  registerGuard(app, () => port);
  registerSecurityHeaders(app);
  const metrics = registerMetrics(app);
  await registerOpenapi(app, options);
  const { database, artifacts, project } = options;
  const predictor = options.predictor ?? createPredictor({ database, artifacts, model: project.name });
  await app.register(async (inner) => registerRoutes(inner, { ...options, limits, predictor, metrics }));
  registerUnrouted(app, { methodsOf, sendPage: await registerWebApp(app, options.webFolder) });
  await app.ready();
  return {
    listen: (where) => listen(app, where),
    close: () => close(app, limits.closeGraceMs),
    inject: app.inject.bind(app),
  };
}

function createApp({ logger }: ServerOptions, limits: Limits): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = logger.child(
    {},
    { serializers: { req: toLoggedRequest, err: toLoggedError } },
  );
  const app = Fastify({
    loggerInstance,
    // Our own hook refuses these, in the form of all errors.
    return503OnClosing: false,
    // The guard requires the header, in the form of all errors.
    http: { requireHostHeader: false, connectionsCheckingInterval: Math.min(limits.receiveMs, LATENESS_LOOK_MS) },
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, loggerInstance),
    genReqId: () => randomUUID(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.receiveMs,
    handlerTimeout: limits.answerMs,
    routerOptions: { maxParamLength: 200 },
    // Every scheduled prediction would write two lines; failures and refusals are logged with their response.
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: true,
    frameworkErrors: (cause, request, reply) => {
      const message = 'The address could not be read. Check its percent signs and its length.';
      // No hook runs for an address that cannot be read.
      reply.headers({ ...SECURITY_HEADERS, ...DATA_HEADERS });
      sendError(new ServerError('request_invalid', message, { cause }), request, reply);
    },
  });
  // Unknown expectations of a client are ignored, which the standard allows.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  return app;
}

/** Requests on connections that stay open while the server closes. */
function refuseWhileClosing(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', async () => {
    if (isClosing) throw new ServerError('server_closing', 'The server is shutting down. Try again in a moment.');
  });
}

function portOf({ server }: FastifyInstance): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

async function listen(app: FastifyInstance, { host = '127.0.0.1', port }: ListenOptions) {
  if (!isLoopback(host)) {
    throw new ServerError(
      'bind_refused',
      `Expected a loopback host (127.0.0.1, localhost or ::1), since there is no login; got ${JSON.stringify(host)}. Set server.host to 127.0.0.1 and reach it through a tunnel or a proxy of your own.`,
    );
  }
  await app.listen({ host, port });
  const bound = portOf(app) ?? port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, port: bound };
}

async function close(app: FastifyInstance, graceMs: number): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), graceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(cutOff);
  }
}
