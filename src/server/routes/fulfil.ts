import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { z } from 'zod';
import { errorBody, isRecordedChange, type Route } from '#api';
import { refusalsOf } from '../openapi/refusals.ts';

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
}

export type Fulfilment<R extends Route> = (asked: Asked<R>) => Promise<z.output<R['answer']>> | z.output<R['answer']>;

export interface FulfilOptions<R extends Route>
  extends Partial<Pick<RouteOptions, 'validatorCompiler' | 'serializerCompiler' | 'bodyLimit'>> {
  readonly handle: Fulfilment<R>;
}

/** Implements one endpoint of `#api`: its schemas validate the request and shape the response. */
export function fulfil<R extends Route>(
  app: FastifyInstance,
  route: R,
  { handle, ...options }: FulfilOptions<R>,
): void {
  const isRecorded = isRecordedChange(route.body);
  app.route({
    ...options,
    method: route.method,
    url: route.path,
    config: { refusals: new Set(refusalsOf(route)), access: route.access },
    schema: {
      ...(route.params && { params: route.params }),
      ...(route.query && { querystring: route.query }),
      ...(route.headers && { headers: route.headers }),
      ...(route.body && { body: route.body }),
      response: { 200: route.answer, '4xx': errorBody, '5xx': route.unavailable ?? errorBody },
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

function toAsked<R extends Route>(request: FastifyRequest, reply: FastifyReply): Asked<R> {
  const { params, query, headers, body } = request;
  // The validator has replaced each part by the output of its schema in `route`.
  return { params, query, headers, body, request, reply } as Asked<R>;
}
