import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';
import { errorBody, isRecordedChange, NDJSON_TYPE, type Route, routes } from '#api';
import type { Database } from '#store';
import { ServerError } from '../errors.ts';
import { refusalsOf } from '../openapi/refusals.ts';
import { acceptedOf } from '../plugins/accepted.ts';
import type { RouteAudit } from '../plugins/audit.ts';
import { deprecationHeaders } from './deprecation.ts';

type Parsed<R, Part extends string> = R extends { readonly [P in Part]: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

/** A request after validation by its schemas. */
export interface Asked<R extends Route> {
  readonly params: Parsed<R, 'params'>;
  readonly query: Parsed<R, 'query'>;
  readonly headers: Parsed<R, 'headers'>;
  readonly body: Parsed<R, 'body'>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Of a change on record: everything in it is one transaction with the entry in the audit log. */
  readonly database: Database;
}

export type Fulfilment<R extends Route> = (asked: Asked<R>) => Promise<z.output<R['answer']>> | z.output<R['answer']>;

export interface FulfilOptions<R extends Route>
  extends Partial<Pick<RouteOptions, 'validatorCompiler' | 'serializerCompiler' | 'bodyLimit'>> {
  readonly handle: Fulfilment<R>;
  /** Of a change: what is so before and after it, for the audit log. */
  readonly state?: (database: Database, asked: Asked<R>) => Promise<unknown>;
}

// What a route does not know is refused, not ignored: a misspelt filter would show everything.
const NO_FIELDS = z.strictObject({});
const NO_BODY = NO_FIELDS.nullish();
const JSON_TYPE = 'application/json';
/** What it is differs from answer to answer. */
const BYTES_TYPE = 'application/octet-stream';
const SHOWN_CHARACTERS_MAX = 200;
const NAMES = new Map<Route, string>(Object.entries(routes).map(([name, route]) => [route, name]));

/** Implements one endpoint of `#api`: its schemas validate the request and shape the response. */
export function fulfil<R extends Route>(
  app: FastifyInstance,
  route: R,
  { handle, state, ...options }: FulfilOptions<R>,
): void {
  const isRecorded = isRecordedChange(route.body);
  const body = route.body ?? (route.method === 'GET' ? undefined : NO_BODY);
  app.route({
    ...options,
    method: route.method,
    url: route.path,
    config: {
      ...{ refusals: new Set(refusalsOf(route)), access: route.access, audit: auditOf(route, state) },
      isStreamed: route.isRaw ?? false,
      takesLines: route.lines !== undefined,
      holdsSecret: route.holdsSecret ?? false,
      isTagged: route.isTagged ?? false,
      saysError: route.refusal !== undefined,
    },
    onRequest: async ({ headers }, reply) => {
      if (route.deprecated !== undefined) reply.headers(deprecationHeaders(route.deprecated));
      assertAcceptable(headers.accept, route);
    },
    schema: {
      ...(route.params && { params: route.params }),
      querystring: route.query ?? NO_FIELDS,
      ...(route.headers && { headers: route.headers }),
      ...(body && { body }),
      response: { 200: route.answer, '4xx': route.refusal ?? errorBody, '5xx': route.unavailable ?? errorBody },
    },
    handler: (request, reply) => {
      if (isRecorded) recordActor(request);
      return handle(toAsked<R>(request, reply));
    },
  });
}

/** The actor on record is who sends the request, whoever the client says it is; without a login, who it says. */
function recordActor(request: FastifyRequest): void {
  const { identity, body } = request;
  // A body with these fields is an object, as just validated.
  if (identity !== undefined && identity.kind !== 'local') request.body = { ...(body as object), by: identity.name };
}

function assertAcceptable(accept: string | undefined, { answerType = JSON_TYPE, lines }: Route): void {
  const types = lines === undefined ? [answerType] : [answerType, NDJSON_TYPE];
  if (accept === undefined || answerType === BYTES_TYPE || acceptedOf(accept, types) !== undefined) return;
  throw new ServerError(
    'not_acceptable',
    `Expected the header accept to allow ${answerType}; got ${JSON.stringify(accept.slice(0, SHOWN_CHARACTERS_MAX))}.`,
  );
}

function auditOf<R extends Route>(route: R, state: FulfilOptions<R>['state']): RouteAudit {
  return {
    ...{ action: NAMES.get(route) ?? route.path, isChange: route.isChange ?? true },
    isTogether: isRecordedChange(route.body),
    ...(state && { state: (database, request) => state(database, toAsked<R>(request)) }),
  };
}

function toAsked<R extends Route>(request: FastifyRequest, reply?: FastifyReply): Asked<R> {
  const { params, query, headers, body, database } = request;
  // The validator has replaced each part by the output of its schema in `route`.
  return { params, query, headers, body, request, reply, database } as Asked<R>;
}
