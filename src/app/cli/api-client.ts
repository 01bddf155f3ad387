import type { z } from 'zod';
import { UsageError } from '../project/errors.ts';

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

/** Calls one route of the Weir at `url`. Throws a UsageError with what the server said. */
export async function callApi<A extends z.ZodType>(
  url: string,
  route: Route<A>,
  { params = {}, body }: CallOptions = {},
): Promise<z.output<A>> {
  const at = route.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
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
