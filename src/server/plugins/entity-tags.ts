import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the answer has an entity tag: clients ask whether it has changed, and get 304 and no body when it has not. */
    readonly isTagged?: boolean;
  }
}

/** Kept by the client alone, who asks each time whether it is still so. */
const CACHE_CONTROL = 'private, no-cache';

/**
 * Tags answers of routes that say so by a hash of their content, which costs less than to send them again. An answer
 * that is stored under a digest is tagged by that before it is read: `isKnown`.
 */
export function registerEntityTags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (request.routeOptions.config.isTagged !== true || reply.statusCode !== 200) return payload;
    if (typeof payload !== 'string' || reply.hasHeader('etag')) return payload;
    // Not null: Fastify measures the body of an answer to HEAD.
    return isKnown(request, reply, createHash('sha256').update(payload).digest('base64url')) ? '' : payload;
  });
}

/** Tags an answer by the digest of its content. Returns whether the client has it: the status is 304 then, without a body. */
export function isKnown(request: FastifyRequest, reply: FastifyReply, digest: string): boolean {
  const tag = `"${digest}"`;
  reply.header('etag', tag);
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', CACHE_CONTROL);
  if (!has(request.headers['if-none-match'], tag)) return false;
  reply.code(304).removeHeader('content-type').removeHeader('content-length');
  return true;
}

// The comparison of If-None-Match is the weak one (RFC 9110, 13.1.2): a compressed answer has a weak tag.
function has(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(tag);
}
