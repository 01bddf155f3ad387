import {
  type Answer,
  type LooseRequest,
  type Request,
  RequestError,
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
