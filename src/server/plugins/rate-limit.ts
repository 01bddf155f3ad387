import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';
import type { Limits } from '../options.ts';
import { type Taken, TokenBuckets } from './token-buckets.ts';

type RateLimits = Pick<Limits, 'requestsPerMinute' | 'refusalsPerMinute'>;

const WINDOW_SECONDS = 60;
const UNAUTHORIZED = 401;

/**
 * Refuses an address that was refused too often, before its next credentials are looked up. Call it before
 * `registerAccess`: guessing keys and passwords ends here.
 */
export function registerRefusalLimit(app: FastifyInstance, { refusalsPerMinute: perMinute }: RateLimits): void {
  if (perMinute === 0) return;
  const buckets = new TokenBuckets({ perMinute });
  app.addHook('onRequest', async ({ ip }) => {
    const left = buckets.look(ip);
    if (!left.isWithin) throw limited('Too many requests of this address had no valid login or API key.', left);
  });
  app.addHook('onResponse', async ({ ip }, reply) => {
    if (reply.statusCode === UNAUTHORIZED) buckets.take(ip);
  });
}

/**
 * Limits the requests of each user and each key; those of this machine without a login are not counted. Call it after
 * `registerAccess`, which says who sends a request.
 */
export function registerRateLimit(app: FastifyInstance, { requestsPerMinute: perMinute }: RateLimits): void {
  if (perMinute === 0) return;
  const buckets = new TokenBuckets({ perMinute });
  const policy = `"requests";q=${perMinute};w=${WINDOW_SECONDS}`;
  app.addHook('onRequest', async (request, reply) => {
    const name = maybeName(request);
    if (name === undefined) return;
    const left = buckets.take(name);
    reply.headers({ 'ratelimit-policy': policy, ratelimit: `"requests";r=${left.remaining};t=${left.waitSeconds}` });
    if (!left.isWithin) throw limited(`Expected at most ${perMinute} requests a minute of ${name}.`, left);
  });
}

function maybeName({ identity }: Pick<FastifyRequest, 'identity'>): string | undefined {
  return identity === undefined || identity.kind === 'local' ? undefined : `${identity.kind} ${identity.name}`;
}

function limited(why: string, { waitSeconds }: Taken): ServerError {
  const seconds = Math.max(1, waitSeconds);
  return new ServerError('rate_limited', `${why} Try again in ${seconds} s.`, {
    headers: { 'retry-after': String(seconds) },
  });
}
