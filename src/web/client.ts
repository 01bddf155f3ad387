import type { z } from 'zod';
import { type ErrorBody, errorBody, PROBLEM_TYPE, type Route, routes } from '#api';

type Routes = typeof routes;
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
export type Answer<N extends RouteName> = z.output<Routes[N]['answer']>;

interface LooseRequest {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly headers?: Record<string, unknown>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** What of an error the pages use; errors of this client have no more. */
type Refusal = Pick<ErrorBody, 'code' | 'detail' | 'problems'>;

/** The server refused, could not be reached (`status` 0), or sent a response of another shape. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  readonly body: Refusal;
  constructor(status: number, body: Refusal, options?: ErrorOptions) {
    super(body.detail, options);
    this.status = status;
    this.body = body;
  }
}

export interface ClientEffects {
  readonly fetch: typeof fetch;
}
const realEffects: ClientEffects = { fetch: (input, init) => fetch(input, init) };

/** Calls one endpoint of the API and returns its response, validated by its schema. */
export async function call<N extends RouteName>(
  name: N,
  request: Request<N> & { readonly signal?: AbortSignal },
  effects: ClientEffects = realEffects,
): Promise<Answer<N>> {
  const route: Route = routes[name];
  // A Request<N> has these parts or fewer; only which ones is unknown while N is.
  const loose = request as LooseRequest;
  const response = await reach(toUrl(route, loose), toInit(route, loose), effects);
  const content = await readContent(response);
  if (!response.ok) throw new RequestError(response.status, toRefusal(response.status, content));
  const parsed = route.answer.safeParse(content);
  if (!parsed.success) throw unexpectedAnswer(route, response.status, parsed.error);
  // The schema that parsed it is the one `Answer<N>` is inferred from.
  return parsed.data as Answer<N>;
}

/** The path with its parameters filled in and the query behind it. */
export function toUrl(route: Route, request: LooseRequest): string {
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(request.params?.[key])));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request.query ?? {})) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined && each !== null && each !== '') query.append(key, String(each));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

function toInit(route: Route, request: LooseRequest): RequestInit {
  const headers = new Headers({ accept: `application/json, ${PROBLEM_TYPE}` });
  for (const [key, value] of Object.entries(request.headers ?? {})) {
    if (value !== undefined) headers.set(key, String(value));
  }
  const { body, signal } = request;
  const hasBody = body !== undefined && body !== null;
  const isFile = body instanceof Blob;
  if (hasBody) headers.set('content-type', isFile ? 'application/octet-stream' : 'application/json');
  return {
    method: route.method,
    headers,
    ...(hasBody ? { body: isFile ? body : JSON.stringify(body) } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

async function reach(url: string, init: RequestInit, effects: ClientEffects): Promise<Response> {
  try {
    return await effects.fetch(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    const detail = 'The server could not be reached. Check that Weir is running; this page tries again by itself.';
    throw new RequestError(0, { code: 'unreachable', detail }, { cause });
  }
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

function unexpectedAnswer(route: Route, status: number, cause: z.ZodError): RequestError {
  const first = cause.issues[0];
  const where = first === undefined ? '' : ` At ${first.path.join('.') || 'the top'}: ${first.message}.`;
  const detail = `${route.method} ${route.path} answered in a shape this page does not know; reload the page in case Weir was updated.${where}`;
  return new RequestError(status, { code: 'unexpected-answer', detail }, { cause });
}
