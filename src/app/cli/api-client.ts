import type { z } from 'zod';
import { UsageError } from '../project/errors.ts';
import type { ServerFile } from '../serve/server-file.ts';

interface Route<A extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly answer: A;
}

interface CallOptions {
  /** Fill the names in the path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The Weir that is called: its address, and the key that it asks for, if any. */
export type CalledServer = Pick<ServerFile, 'url' | 'key'>;

/** Calls one route of a Weir. Throws a UsageError with what the server said. */
export async function callApi<A extends z.ZodType>(
  { url, key }: CalledServer,
  route: Route<A>,
  { params = {}, body }: CallOptions = {},
): Promise<z.output<A>> {
  const at = route.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const sent = body === undefined ? { headers } : { headers, body: JSON.stringify(body) };
  const answer = await fetch(new URL(at, url), { method: route.method, ...sent }).catch((error: unknown) => {
    throw new UsageError('weir_silent', `Weir does not answer at ${url}. Start it with: weir serve`, { cause: error });
  });
  const content: unknown = await answer.json();
  if (answer.ok) return route.answer.parse(content);
  const message =
    typeof content === 'object' && content !== null && 'detail' in content
      ? String(content.detail)
      : `it answered ${answer.status}`;
  throw new UsageError('request_refused', message);
}
