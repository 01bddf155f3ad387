import type { z } from 'zod';
import { type ErrorBody, errorBody, PROBLEM_TYPE } from '../errors.ts';
import { FEATURE_PREFIX } from '../feature-prefix.ts';
import type { Route, routes } from '../routes.ts';

type Routes = typeof routes;
/** The name of an endpoint, such as `predict`. */
export type RouteName = keyof Routes;
type Part = 'params' | 'query' | 'headers' | 'body';
/** The request of an endpoint, by part. A query or header may be left out where its schema allows. */
export type Request<N extends RouteName> = {
  readonly [P in Part as P extends keyof Routes[N] ? P : never]: Routes[N] extends { readonly [Q in P]: infer S }
    ? S extends z.ZodType
      ? z.input<S>
      : never
    : never;
};
/** The answer of an endpoint. */
export type Answer<N extends RouteName> = z.output<Routes[N]['answer']>;

/** A request as far as it is known while its endpoint is not. */
export interface LooseRequest {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly headers?: Record<string, unknown>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** What an error says, whoever found it. Errors that the client found have no `instance`. */
export type Refusal = Pick<ErrorBody, 'code' | 'detail'> &
  Partial<Pick<ErrorBody, 'type' | 'title' | 'instance' | 'problems'>>;

/** The server refused, could not be reached (`status` 0), or sent a response of another shape. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** What the server said: problem details (RFC 9457) with our `code` and `problems`. */
  readonly body: Refusal;
  constructor(status: number, body: Refusal, options?: ErrorOptions) {
    super(body.detail, options);
    this.status = status;
    this.body = body;
  }
}

/** The path with its parameters filled in and the query behind it. */
export function toUrl(route: Pick<Route, 'path'>, request: LooseRequest): string {
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(request.params?.[key])));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request.query ?? {})) {
    for (const each of Array.isArray(value) ? value : [value]) if (isGiven(key, each)) query.append(key, String(each));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

// A feature without a value is a filter, and nothing else is sent empty.
const isGiven = (key: string, value: unknown): boolean =>
  value !== undefined && value !== null && (value !== '' || key.startsWith(FEATURE_PREFIX));

/** Method, headers and body for `fetch`. */
export function toInit(route: Pick<Route, 'method' | 'isRaw' | 'answerType'>, request: LooseRequest): RequestInit {
  const headers = new Headers({ accept: `${route.answerType ?? 'application/json'}, ${PROBLEM_TYPE}` });
  for (const [key, value] of Object.entries(request.headers ?? {})) {
    if (value !== undefined) headers.set(key, String(value));
  }
  const { body, signal } = request;
  const hasBody = body !== undefined && body !== null;
  if (hasBody) headers.set('content-type', route.isRaw ? 'application/octet-stream' : 'application/json');
  return {
    method: route.method,
    headers,
    // The body of such a route is bytes, a file or a text.
    ...(hasBody ? { body: route.isRaw ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body) } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** The answer of an endpoint, checked by its schema. Throws a RequestError for an error and for another shape. */
export async function readAnswer(
  route: Pick<Route, 'method' | 'path' | 'answer'>,
  response: Response,
): Promise<unknown> {
  const content = await readContent(response);
  if (!response.ok) throw new RequestError(response.status, toRefusal(response.status, content));
  const parsed = route.answer.safeParse(content);
  if (!parsed.success) throw unexpectedAnswer(route, response.status, parsed.error);
  return parsed.data;
}

async function readContent(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's HTML page, or an empty body: the status is enough.
    return undefined;
  }
}

function toRefusal(status: number, content: unknown): Refusal {
  const parsed = errorBody.safeParse(content);
  if (parsed.success) return parsed.data;
  return {
    code: `http-${status}`,
    detail: `The server answered with status ${status} and no explanation. Its log says more.`,
  };
}

/** The error of an answer of another shape. */
export function unexpectedAnswer(
  { method, path }: Pick<Route, 'method' | 'path'>,
  status: number,
  cause: z.ZodError,
): RequestError {
  const first = cause.issues[0];
  const where = first === undefined ? '' : ` At ${first.path.join('.') || 'the top'}: ${first.message}.`;
  const detail = `${method} ${path} answered in a shape that is not known here, as if Weir were of another version.${where}`;
  return new RequestError(status, { code: 'unexpected-answer', detail }, { cause });
}
