import { isStoreError, type OutgoingFetch, outgoingFetch } from '#store';
import { MonitorError } from '../../errors.ts';
import type { DeliveryOutcome } from './channel.ts';

export interface PostEffects {
  /** Never follows a redirect, which would send the alert to an address that was not configured. */
  readonly fetch: OutgoingFetch;
  now(): number;
}

const EFFECTS: PostEffects = { fetch: outgoingFetch({ privateHosts: 'all' }), now: () => Date.now() };
const TIMEOUT_MS = 10_000;
const RETRY_AFTER_MAX_MS = 3_600_000;
/** Answers that say that the address or its credentials are not valid. */
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** Without the host, which is a part of the secret. */
export const REFUSED_ADDRESS: DeliveryOutcome = {
  kind: 'refused',
  reason: 'its host has a private or reserved address: name a host of your own network in alerts.privateHosts',
  isChannelGone: true,
};

export interface Post {
  readonly url: URL;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Parses a webhook's address; an error never contains it, because anyone who knows it can post. */
export function parseSecretUrl(url: string, channel: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') return parsed;
  throw new MonitorError(
    'channel_invalid',
    `Expected an http(s) address for the channel ${channel}, got something else (not shown: it is a secret).`,
  );
}

/** Posts JSON and returns what the status means. The body of the response is not read: it differs between services. */
export async function postJson(
  { url, body, headers = {}, signal }: Post,
  effects: Partial<PostEffects> = {},
): Promise<DeliveryOutcome> {
  const { fetch, now } = { ...EFFECTS, ...effects };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return outcomeOf(response, now());
  } catch (error) {
    if (isStoreError(error, 'address_refused')) return REFUSED_ADDRESS;
    return { kind: 'unavailable', reason: networkReason(error) };
  }
}

function outcomeOf({ ok, status, headers }: Response, nowMs: number): DeliveryOutcome {
  if (ok) return { kind: 'accepted' };
  const reason = `the webhook answered HTTP ${status}`;
  if (GONE.has(status)) return { kind: 'refused', reason, isChannelGone: true };
  const isThrottled = status === 429;
  if (!isThrottled && status < 500) return { kind: 'refused', reason };
  const retryAfterMs = maybeRetryAfterMs(headers.get('retry-after'), nowMs);
  return { kind: 'unavailable', reason, isThrottled, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Milliseconds of a Retry-After header, given in seconds or as a date. */
function maybeRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const askedMs = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(askedMs) ? undefined : Math.min(Math.max(askedMs, 0), RETRY_AFTER_MAX_MS);
}

// Only the code, because messages of network errors may contain the address.
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return 'network error';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  if (error.name === 'AbortError') return 'stopped before the answer came';
  const cause = error.cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? `network error ${code}` : 'network error';
}
