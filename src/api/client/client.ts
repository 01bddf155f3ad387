import type { z } from 'zod';
import { type Route, routes } from '../routes.ts';
import { versionedPath } from '../versions.ts';
import {
  type Answer,
  type LooseRequest,
  type Request,
  RequestError,
  type RouteName,
  readAnswer,
  toInit,
  toUrl,
} from './exchange.ts';
import {
  type PredictStreamOptions,
  predictStream,
  type StreamedPrediction,
  type StreamedRow,
} from './predict-stream.ts';
import { delayMs, isRepeatable, isWorthRetrying } from './retries.ts';

const TIMEOUT_MS = 30_000;
const RETRIES_MAX = 3;
const KEY_BYTES = 16;

/** Where Weir is, and how to reach it. */
export interface ClientOptions {
  /** The address of Weir, such as `https://weir.example.com`. */
  readonly url: string;
  /** An API key, as `weir keys` shows it once; none unless set. */
  readonly apiKey?: string;
  /** Time for a call with all its tries; 30 seconds unless set. */
  readonly timeoutMs?: number;
  /** How often a call is tried again at most; 3 unless set. */
  readonly retries?: number;
}

/** What a client takes from its surroundings; tests pass others. */
export interface ClientEffects {
  /** Sends a request. */
  readonly fetch: typeof fetch;
  /** Waits, unless the signal ends it. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** The present time in milliseconds. */
  readonly now: () => number;
}

/** The parts of a request that need not be there, because none of their fields must. */
type FreePart<N extends RouteName> = {
  [P in keyof Request<N>]: P extends 'query' | 'headers'
    ? Record<never, never> extends Request<N>[P]
      ? P
      : never
    : never;
}[keyof Request<N>];

/** A request, and the signal that ends it. */
export type Call<N extends RouteName> = Omit<Request<N>, FreePart<N>> &
  Partial<Pick<Request<N>, FreePart<N>>> & { readonly signal?: AbortSignal };

/** Endpoints whose answer is a page of a list. */
export type ListName = {
  [N in RouteName]: Answer<N> extends { readonly items: readonly unknown[]; readonly nextCursor: string | null }
    ? N
    : never;
}[RouteName];
/** An entry of such a list. */
export type Entry<N extends ListName> = Answer<N> extends { readonly items: readonly (infer I)[] } ? I : never;

/** Calls the API of one Weir. */
export interface Client {
  /**
   * Calls an endpoint and returns its answer, checked by its schema. What may be repeated safely is tried again;
   * predictions get an idempotency key of their own for it. Throws a RequestError.
   */
  call<N extends RouteName>(name: N, request: Call<N>): Promise<Answer<N>>;
  /** Calls an endpoint whose answer is bytes, a table or a stream, and returns the response as it comes. */
  open<N extends RouteName>(name: N, request: Call<N>): Promise<Response>;
  /** The entries of all pages of a list, loaded page by page as they are read. */
  list<N extends ListName>(name: N, request: Call<N>): AsyncIterable<Entry<N>>;
  /**
   * Predicts rows as they come, as many as there are, and yields what came of each in their order. Rows are taken no
   * faster than predictions are, so that memory stays small. It is not tried again: a PredictStreamError says how many
   * rows were answered. For programs in Node: browsers read no answer while they send.
   */
  predictStream(
    rows: AsyncIterable<StreamedRow> | Iterable<StreamedRow>,
    options?: PredictStreamOptions,
  ): AsyncIterable<StreamedPrediction>;
}

const realEffects: ClientEffects = {
  fetch: (input, init) => fetch(input, init),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal.addEventListener('abort', stop, { once: true });
    }),
  random: Math.random,
  now: Date.now,
};

/** Creates a client of the API, for Node and browsers. */
export function createClient(options: ClientOptions, effects: ClientEffects = realEffects): Client {
  const client: Client = {
    call: async (name, request) => {
      const route: Route = routes[name];
      const answer = await send(route, request, { options, effects, read: (response) => readAnswer(route, response) });
      // The schema that checked it is the one that `Answer` is inferred from.
      return answer as Answer<typeof name>;
    },
    open: (name, request) => send(routes[name], request, { options, effects, read: readOpen(routes[name]) }),
    list: (name, request) => entriesOf(client, name, request),
    predictStream: (rows, streamed = {}) => {
      const { url, apiKey, timeoutMs = TIMEOUT_MS } = options;
      return predictStream(rows, { ...streamed, url, apiKey, timeoutMs, fetch: effects.fetch });
    },
  };
  return client;
}

async function* entriesOf<N extends ListName>(client: Client, name: N, request: Call<N>): AsyncGenerator<Entry<N>> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    // A list has a query that takes a cursor.
    const { query = {} } = request as { readonly query?: object };
    const next = { ...request, query: { ...query, ...(cursor === undefined ? {} : { cursor }) } };
    // As `ListName` says.
    const page = (await client.call(name, next)) as { items: Entry<N>[]; nextCursor: string | null };
    yield* page.items;
    cursor = page.nextCursor;
  }
}

interface Sending<T> {
  readonly options: ClientOptions;
  readonly effects: ClientEffects;
  readonly read: (response: Response) => Promise<T>;
}

async function send<T>(route: Route, request: LooseRequest, { options, effects, read }: Sending<T>): Promise<T> {
  const { url, timeoutMs = TIMEOUT_MS, retries = RETRIES_MAX } = options;
  const address = new URL(versionedPath(toUrl(route, request)), url);
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]);
  const init = toInit(route, { ...request, signal, headers: headersOf(route, request, options) });
  // `toInit` makes them.
  const repeatable = isRepeatable(route, init.headers as Headers) && !(init.body instanceof ReadableStream);
  for (let attempt = 0; ; attempt += 1) {
    let retryAfter: string | null = null;
    try {
      const response = await reach(address, init, effects);
      retryAfter = response.headers.get('retry-after');
      return await read(response);
    } catch (error) {
      if (attempt >= retries || signal.aborted || !isWorthRetrying(error, repeatable)) throw error;
    }
    await effects.wait(delayMs(attempt, retryAfter, effects), signal);
  }
}

function headersOf(
  { headers: schema }: Route,
  { headers }: LooseRequest,
  { apiKey }: ClientOptions,
): Record<string, unknown> {
  return {
    ...(takesKey(schema) ? { 'idempotency-key': newKey() } : {}),
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...headers,
  };
}

function takesKey(schema: z.ZodType | undefined): boolean {
  return schema !== undefined && 'shape' in schema && Object.hasOwn(Object(schema.shape), 'idempotency-key');
}

/** Not `randomUUID`: browsers have that on secure pages only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function reach(address: URL, init: RequestInit, { fetch }: ClientEffects): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    const detail = `The server could not be reached at ${address.origin}. Check the address, and that Weir is running.`;
    throw new RequestError(0, { code: 'unreachable', detail }, { cause });
  }
}

const readOpen =
  (route: Route) =>
  async (response: Response): Promise<Response> => {
    // Throws the error that the answer is.
    if (!response.ok) await readAnswer(route, response);
    return response;
  };
