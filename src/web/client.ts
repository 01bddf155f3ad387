import {
  type Answer,
  CSRF_HEADER,
  type LooseRequest,
  type Request,
  RequestError,
  type Role,
  type Route,
  type RouteName,
  readAnswer,
  routes,
  toInit,
  toUrl,
} from '#api';

export type { Answer, Request, RouteName };
export { RequestError, toUrl };

export interface ClientEffects {
  readonly fetch: typeof fetch;
  /** What the server demands with each change that is made with a session; null without one. */
  readonly csrfToken: () => string | null;
}
let csrfToken: string | null = null;
const realEffects: ClientEffects = { fetch: (input, init) => fetch(input, init), csrfToken: () => csrfToken };

/** Sends this token with the changes from now on. */
export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** The least role that may use an endpoint; the lowest for one that anyone may use. */
export function roleOf(name: RouteName): Role {
  const { access }: Route = routes[name];
  return access === 'anyone' ? 'viewer' : access;
}

/** Calls one endpoint of the API and returns its response, validated by its schema. */
export async function call<N extends RouteName>(
  name: N,
  request: Request<N> & { readonly signal?: AbortSignal },
  given: Partial<ClientEffects> = {},
): Promise<Answer<N>> {
  const effects = { ...realEffects, ...given };
  const route: Route = routes[name];
  // A Request<N> has these parts or fewer; only which ones is unknown while N is.
  const loose = request as LooseRequest;
  const init = toInit(route, loose);
  const token = route.method === 'GET' ? null : effects.csrfToken();
  const headers = new Headers(init.headers);
  if (token !== null) headers.set(CSRF_HEADER, token);
  const response = await reach(toUrl(route, loose), { ...init, headers }, effects);
  // The schema that parsed it is the one `Answer<N>` is inferred from.
  return (await readAnswer(route, response)) as Answer<N>;
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
