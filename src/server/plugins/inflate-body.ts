import { PassThrough, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { ServerError } from '../errors.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
const ENCODINGS = 'gzip, deflate, br';

/**
 * Inflates bodies with a content encoding. It does so block by block, as the reader of the body takes them, and the
 * limits of a body count what comes out: a small body that would become a large one is refused when it reaches the limit.
 */
export function registerInflation(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (encoding === 'identity' || encoding === '') return payload;
    const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
    if (decoder === undefined) throw unknownEncoding(encoding);
    const decoding = decoder();
    // A refusal ends the reading; what is left must not be inflated for nobody.
    reply.raw.once('close', () => decoding.destroy());
    return inflate(payload, decoding);
  });
}

function inflate(payload: Readable, decoder: Transform): Readable {
  // Fastify compares this count with Content-Length.
  const inflated = Object.assign(new PassThrough(), { receivedEncodedLength: 0 });
  payload.on('data', (block: Buffer) => {
    inflated.receivedEncodedLength += block.length;
  });
  payload.on('close', () => !payload.readableEnded && decoder.destroy());
  // Not `pipeline`: on an error it would destroy the request, and with it the connection that the refusal goes through.
  decoder.on('error', (cause) => inflated.destroy(unreadable(cause)));
  payload.pipe(decoder).pipe(inflated);
  return inflated;
}

function unknownEncoding(encoding: string): ServerError {
  return new ServerError(
    'encoding_unsupported',
    `Expected the content-encoding ${ENCODINGS} or none; got ${JSON.stringify(encoding)}.`,
    { headers: { 'accept-encoding': ENCODINGS, connection: 'close' } },
  );
}

function unreadable(cause: Error): ServerError {
  const message = `The body is not what its content-encoding says: ${cause.message}. Send it whole and encoded once.`;
  return new ServerError('request_invalid', message, { cause, headers: { connection: 'close' } });
}
