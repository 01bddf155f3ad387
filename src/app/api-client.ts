import type { z } from 'zod';
import { UsageError } from './errors.ts';

interface Route<A extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly answer: A;
}

/** Calls one route of the Weir at `url`; `params` fill the names in its path. Throws a UsageError with what the server said. */
export async function callApi<A extends z.ZodType>(
  url: string,
  route: Route<A>,
  params: Readonly<Record<string, string>> = {},
): Promise<z.output<A>> {
  const at = route.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const answer = await fetch(new URL(at, url), { method: route.method }).catch((error: unknown) => {
    throw new UsageError(`Weir does not answer at ${url}. Start it with: weir serve`, { cause: error });
  });
  const body: unknown = await answer.json();
  if (answer.ok) return route.answer.parse(body);
  const message =
    typeof body === 'object' && body !== null && 'message' in body
      ? String(body.message)
      : `it answered ${answer.status}`;
  throw new UsageError(message);
}
