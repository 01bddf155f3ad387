import type { Route } from '../routes.ts';
import { RequestError } from './exchange.ts';

/** Refused before anything was done, so that any request may be sent again. */
const NOT_BEGUN: readonly string[] = ['rate_limited', 'overloaded', 'server_closing', 'clients_exhausted'];
/** May pass by itself: no answer, too early, too many, not now, or a gateway without an answer. */
const PASSING: readonly number[] = [0, 408, 425, 429, 502, 503, 504];
const FIRST_DELAY_MS = 200;
const DELAY_MS_MAX = 10_000;
const GROWTH = 2;

/** Whether the same request may be sent twice: it only reads, or its key keeps it from being done twice. */
export function isRepeatable({ method }: Pick<Route, 'method'>, headers: Headers): boolean {
  return method === 'GET' || headers.has('idempotency-key');
}

/** Whether another try may help and cannot do harm. */
export function isWorthRetrying(error: unknown, repeatable: boolean): error is RequestError {
  if (!(error instanceof RequestError)) return false;
  return NOT_BEGUN.includes(error.body.code) || (repeatable && PASSING.includes(error.status));
}

/** How long to wait: as long as the server says, or longer each time and not in step with other clients. */
export function delayMs(
  attempt: number,
  retryAfter: string | null,
  { random, now }: { random(): number; now(): number },
): number {
  const asked = retryAfter === null ? Number.NaN : toMs(retryAfter, now());
  if (!Number.isNaN(asked)) return Math.max(0, asked);
  const longest = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * GROWTH ** attempt);
  return longest / 2 + (random() * longest) / 2;
}

/** Retry-After is seconds or a date. */
const toMs = (text: string, now: number): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now);
