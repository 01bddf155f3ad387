import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { acceptedOf } from './accepted.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the answer holds a secret. It is never compressed: its length would tell what it has in common with the request. */
    readonly holdsSecret?: boolean;
  }
}

/** Shorter answers fit into one packet either way. */
const BYTES_MIN = 1024;
/** What shrinks. Streams of events and of lines are sent as they come. */
const TYPES =
  /^(?:text\/(?!event-stream)|image\/svg\+xml|application\/(?:[\w.+-]*json|javascript|yaml|xml)\s*(?:;|$))/i;
const ENCODINGS = ['br', 'gzip'] as const;
// Beyond it brotli takes more time than a network saves.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

type Encoding = (typeof ENCODINGS)[number];
const COMPRESS = { br: promisify(brotliCompress), gzip: promisify(gzip) };

/**
 * Compresses answers for clients that ask for it. BREACH, which guesses a secret from the length of a compressed answer,
 * needs a secret and text of the attacker in one answer: routes that answer with a secret say so, and errors, which
 * repeat what was sent, hold none.
 */
export function registerCompression(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!isCompressible(reply) || request.routeOptions.config.holdsSecret === true) return payload;
    addVary(reply);
    const encoding = acceptedOf(request.headers['accept-encoding'], ENCODINGS);
    if (encoding === undefined || isShort(payload)) return payload;
    if (typeof payload === 'string' || Buffer.isBuffer(payload)) {
      setEncoding(reply, encoding);
      return encoding === 'br' ? COMPRESS.br(payload, BROTLI) : COMPRESS.gzip(payload);
    }
    if (!(payload instanceof Readable)) return payload;
    setEncoding(reply, encoding);
    const encoder = encoding === 'br' ? createBrotliCompress(BROTLI) : createGzip();
    payload.on('error', (error) => encoder.destroy(error));
    encoder.on('close', () => payload.destroy());
    return payload.pipe(encoder);
  });
}

function isCompressible(reply: FastifyReply): boolean {
  const type = reply.getHeader('content-type');
  const isWhole = reply.statusCode !== 204 && reply.statusCode !== 206 && reply.statusCode !== 304;
  return isWhole && typeof type === 'string' && TYPES.test(type) && !reply.hasHeader('content-encoding');
}

function isShort(payload: unknown): boolean {
  if (typeof payload === 'string') return Buffer.byteLength(payload) < BYTES_MIN;
  return Buffer.isBuffer(payload) && payload.length < BYTES_MIN;
}

function addVary(reply: FastifyReply): void {
  const known = reply.getHeader('vary');
  reply.header('vary', known === undefined ? 'accept-encoding' : `${known}, accept-encoding`);
}

function setEncoding(reply: FastifyReply, encoding: Encoding): void {
  reply.header('content-encoding', encoding).removeHeader('content-length');
  const etag = reply.getHeader('etag');
  // The same content in other bytes.
  if (typeof etag === 'string' && !etag.startsWith('W/')) reply.header('etag', `W/${etag}`);
}
