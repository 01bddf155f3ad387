import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { type Actor, changeTogether, type RecordedChange, recordChange } from '#access';
import type { Database } from '#store';
import { toServerError } from '../to-server-error.ts';
import { TokenBuckets } from './token-buckets.ts';

/** What the audit log keeps of a route; each that is not read is recorded unless it says that it changes nothing. */
export interface RouteAudit {
  /** The name of the change; method and path unless set. */
  readonly action?: string;
  readonly isChange?: boolean;
  /** Whether the change happens in the database alone, so that it and its entry are one transaction. */
  readonly isTogether?: boolean;
  /** What is so before the change, and after it; without it, what was asked and answered is kept. */
  readonly state?: (database: Database, request: FastifyRequest) => Promise<unknown>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly audit?: RouteAudit;
  }
  interface FastifyRequest {
    /** For the handler of a change: of `isTogether` all of it is in the transaction of the change. */
    readonly database: Database;
  }
}

const READING = ['GET', 'HEAD', 'OPTIONS'];
const REFUSED: readonly number[] = [401, 403];
/** Refused attempts of one address that are recorded in a minute: whoever repeats them must not fill the database. */
const REFUSALS_PER_MINUTE = 30;

type Handler = RouteOptions['handler'];

/**
 * Records every change in the audit log, also those that are refused or fail. It wraps the handlers of all routes with a
 * method that may change something, so that no route can forget it. Call it before the first route.
 */
export function registerAudit(app: FastifyInstance, { database }: { readonly database: Database }): void {
  const inside = new WeakMap<FastifyRequest, Database>();
  app.decorateRequest('database', {
    getter(this: FastifyRequest) {
      return inside.get(this) ?? database;
    },
  });
  app.addHook('onRoute', (route) => {
    if (!isChange(route.method, route.config?.audit)) return;
    const { handler } = route;
    route.handler = function (request, reply) {
      const handle = (): Promise<unknown> => Promise.resolve(handler.call(this, request, reply));
      return recorded({ request, handle, database, enter: (tx) => inside.set(request, tx) });
    } satisfies Handler;
  });
  const refusals = new TokenBuckets({ perMinute: REFUSALS_PER_MINUTE });
  app.addHook('onError', async (request, _reply, error) => {
    const { method, config } = request.routeOptions;
    if (request.is404 || method === undefined || !isChange(method, config.audit)) return;
    const { status, code } = toServerError(error);
    const isRefused = REFUSED.includes(status);
    if (!isRefused && status < 500) return;
    if (isRefused && !refusals.take(request.ip).isWithin) return;
    const outcome = isRefused ? 'refused' : 'failed';
    await orLog(request, recordChange(database, { ...toRecord(request), outcome, code, after: askedBy(request) }));
  });
}

/** Whether the audit log keeps what a route does. */
export function isChange(method: string | readonly string[], audit: RouteAudit | undefined): boolean {
  return [method].flat().some((each) => !READING.includes(each)) && audit?.isChange !== false;
}

interface Changing {
  readonly request: FastifyRequest;
  readonly handle: () => Promise<unknown>;
  readonly database: Database;
  readonly enter: (tx: Database) => void;
}

async function recorded({ request, handle, database, enter }: Changing): Promise<unknown> {
  const { isTogether = false, state } = request.routeOptions.config.audit ?? {};
  const before = await state?.(database, request);
  const toDone = async (answer: unknown, inside: Database): Promise<RecordedChange> => ({
    ...toRecord(request),
    outcome: 'done',
    before,
    after: state === undefined ? { ...askedBy(request), ...answered(answer) } : await state(inside, request),
  });
  if (isTogether)
    return changeTogether(
      database,
      (inside) => {
        enter(inside);
        return handle();
      },
      toDone,
    );
  const answer = await handle();
  await orLog(
    request,
    toDone(answer, database).then((change) => recordChange(database, change)),
  );
  return answer;
}

/** What cannot be recorded any more, because it is done, is in the log. */
async function orLog(request: FastifyRequest, recording: Promise<void>): Promise<void> {
  try {
    await recording;
  } catch (err) {
    const { actor, action, target } = toRecord(request);
    request.log.error({ err, actor, action, target }, 'a change is missing in the audit log');
  }
}

function toRecord(request: FastifyRequest): Omit<RecordedChange, 'outcome'> {
  const { method, url, config } = request.routeOptions;
  const { params, query, body } = request;
  const named = textsOf(params);
  return {
    actor: actorOf(request),
    action: config.audit?.action ?? `${method} ${url}`,
    target: (named.length > 0 ? named : textsOf(query)).map(([name, value]) => `${name}=${value}`).join(', ') || null,
    reason: fieldOf(body, 'reason') ?? null,
    requestId: request.id,
  };
}

function actorOf({ identity, ip, body }: FastifyRequest): Actor {
  if (identity === undefined) return { kind: 'anonymous', name: 'anonymous', address: ip };
  const { kind, id, name } = identity;
  if (kind === 'local') return { kind, name: fieldOf(body, 'by') ?? name, address: ip };
  return { kind, id, name, address: ip };
}

const textsOf = (given: unknown): readonly (readonly [string, string])[] =>
  isPlain(given) ? Object.entries(given).map(([name, value]) => [name, String(value)]) : [];

function fieldOf(body: unknown, name: string): string | undefined {
  const value = isPlain(body) ? body[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The body, unless it is bytes. */
const askedBy = ({ body }: FastifyRequest): { readonly asked?: unknown } =>
  isPlain(body) || Array.isArray(body) ? { asked: body } : {};

/** The answer, unless it was sent as bytes. */
const answered = (answer: unknown): { readonly answer?: unknown } => (isPlain(answer) ? { answer } : {});

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
