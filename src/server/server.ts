import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { isLoopback } from '#access';
import { type App, type AppSurroundings, createApp } from './app.ts';
import { ServerError } from './errors.ts';
import { Collector } from './metrics/collect.ts';
import { createMetrics } from './metrics/metrics.ts';
import { DEFAULT_LIMITS, type Limits, type ServerOptions } from './options.ts';
import { toLoggedError, toLoggedRequest } from './plugins/logging.ts';
import { isLongStream } from './plugins/streaming-sockets.ts';

import { answerUnreadable } from './plugins/unreadable.ts';

/** How often connections are checked for requests that take too long to arrive. */
const LATENESS_LOOK_MS = 5_000;
/** How long a connection without a request stays open. */
const KEEP_ALIVE_MS = 72_000;

export interface ListenOptions {
  /** A loopback address, unless a login is required. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** The HTTP server of Weir. */
export interface Server {
  /** Starts to accept requests; resolves with the address. */
  listen(options: ListenOptions): Promise<{ readonly url: string; readonly port: number }>;
  /** From here on it is not ready, so that load balancers send requests elsewhere; it answers as before until `close`. */
  drain(): void;
  /** Accepts nothing new, ends event streams, lets requests in progress finish within the bound, then cuts them off. */
  close(): Promise<void>;
  /**
   * Builds the routes of another project, or of a changed one. Rejects when they cannot be built; then everything stays
   * as it is. The result passes the requests that come from then on to the new routes: no connection is refused or cut.
   * It resolves when the old ones have answered what they had begun.
   */
  prepare(options: ServerOptions): Promise<() => Promise<void>>;
  /** For tests: sends a request without a socket. */
  readonly inject: FastifyInstance['inject'];
}

/** Builds the server; nothing is reachable until `listen`. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const logger: FastifyBaseLogger = options.logger.child(
    {},
    { serializers: { req: toLoggedRequest, err: toLoggedError } },
  );
  const limits = limitsOf(options);
  const http = createHttp(options, { limits, logger });
  let isStopping = false;
  const metrics = createMetrics();
  const collector = new Collector(metrics);
  const around = { logger, metrics, collector, port: portReader(http), isStopping: () => isStopping };
  const drain = (): void => {
    isStopping = true;
  };
  const parts = { options, http, around, limits, drain };
  return new ServerOverHttp(await createApp(options, { ...around, limits }), parts);
}

interface Parts {
  readonly options: ServerOptions;
  readonly http: HttpServer;
  readonly around: Omit<AppSurroundings, 'limits'>;
  readonly limits: Limits;
  readonly drain: () => void;
}

class ServerOverHttp implements Server {
  readonly #parts: Parts;
  readonly #retiring = new Set<Promise<void>>();
  #app: App;
  #host: string | undefined;

  constructor(app: App, parts: Parts) {
    this.#parts = parts;
    this.#app = app;
    const { http } = parts;
    http.on('request', (request, response) => this.#app.handle(request, response));
    // Unknown expectations of a client are ignored, which the standard allows.
    http.on('checkExpectation', (request, response) => this.#app.handle(request, response));
  }

  get inject(): FastifyInstance['inject'] {
    return this.#app.inject;
  }

  async listen({ host = '127.0.0.1', port }: ListenOptions): Promise<{ readonly url: string; readonly port: number }> {
    const { http, options } = this.#parts;
    assertBindable(host, options);
    this.#host = host;
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen({ host, port }, () => {
        http.off('error', reject);
        resolve();
      });
    });
    const bound = portOf(http) ?? port;
    const scheme = options.reach?.tls === undefined ? 'http' : 'https';
    return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`, port: bound };
  }

  async prepare(options: ServerOptions): Promise<() => Promise<void>> {
    if (this.#host !== undefined) assertBindable(this.#host, options);
    const limits = limitsOf(options);
    const next = await createApp(options, { ...this.#parts.around, limits });
    return () => {
      applyLimits(this.#parts.http, limits);
      const retiring = this.#retire(this.#app);
      this.#app = next;
      this.#retiring.add(retiring);
      return retiring.finally(() => this.#retiring.delete(retiring));
    };
  }

  drain(): void {
    this.#parts.drain();
  }

  async close(): Promise<void> {
    const { http, limits } = this.#parts;
    const cutOff = setTimeout(() => http.closeAllConnections(), limits.closeGraceMs);
    try {
      this.#app.refuse();
      this.#app.endStreams();
      await new Promise((resolve) => http.close(resolve));
      await this.#app.close();
      await Promise.all(this.#retiring);
    } finally {
      clearTimeout(cutOff);
    }
  }

  /** Closes an app that gets no more requests, once it has answered those that it got. */
  async #retire(app: App): Promise<void> {
    app.endStreams();
    await app.idle();
    await app.close();
  }
}

const limitsOf = ({ limits }: ServerOptions): Limits => ({ ...DEFAULT_LIMITS, ...limits });

function createHttp(
  { reach }: ServerOptions,
  { limits, logger }: { readonly limits: Limits; readonly logger: FastifyBaseLogger },
): HttpServer {
  const settings = {
    // The guard requires the header, in the form of all errors.
    requireHostHeader: false,
    connectionsCheckingInterval: Math.min(limits.receiveMs, LATENESS_LOOK_MS),
    requestTimeout: limits.receiveMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const http = reach?.tls === undefined ? createHttpServer(settings) : createHttpsServer({ ...settings, ...reach.tls });
  applyLimits(http, limits);
  // A client that sends half a request, or does not read its answer, holds memory, and a transaction perhaps.
  http.on('timeout', (socket: Socket) => {
    logger.info({ address: socket.remoteAddress }, 'a client that neither sent nor read was cut off');
    socket.destroy();
  });
  // A socket of a server is one of the network.
  http.on('clientError', (error, socket) => {
    if (!isLongStream(error, socket as Socket)) answerUnreadable(error, socket as Socket, logger);
  });
  return http;
}

/** Of connections; those that are open keep what they have. */
function applyLimits(http: HttpServer, limits: Limits): void {
  http.maxConnections = limits.connections;
  http.requestTimeout = limits.receiveMs;
  http.setTimeout(limits.stallMs);
}

/** Each request asks, and asking the system takes as long as a hook. */
function portReader(http: HttpServer): () => number | undefined {
  let known: number | undefined;
  return () => {
    known ??= portOf(http);
    return known;
  };
}

function portOf(http: HttpServer): number | undefined {
  const address = http.address();
  return typeof address === 'object' ? address?.port : undefined;
}

function assertBindable(host: string, { access }: ServerOptions): void {
  if (isLoopback(host) || access?.isLoginRequired === true) return;
  throw new ServerError(
    'bind_refused',
    `Expected a loopback host (127.0.0.1, localhost or ::1), because no login is required; got ${JSON.stringify(host)}. Set access.login to auto or required, or server.host to 127.0.0.1.`,
  );
}
