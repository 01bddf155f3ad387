import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';
import { markStreaming, unmarkStreaming } from '../plugins/streaming-sockets.ts';

/** Registers routes whose body is bytes, whatever its media type: in a scope of their own, because no other has such a body. */
export function registerBytes(app: FastifyInstance, register: (scope: FastifyInstance) => void): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    register(scope);
  });
}

export interface ReceivedOptions {
  readonly request: FastifyRequest;
  readonly body: unknown;
  readonly bytesMax: number;
  /** What to do with a larger file. */
  readonly advice: string;
}

/** The blocks of a body, up to the size that is allowed; a client may give no length, or a wrong one. */
export function receivedBytes({ request, body, ...limit }: ReceivedOptions): AsyncIterable<Buffer> {
  assertSize(Number(request.headers['content-length'] ?? 0), limit);
  const blocks = bounded(body instanceof Readable ? body : Readable.from([]), limit);
  return takingItsTime(blocks, request.raw.socket);
}

/** A large file takes longer to arrive than a request may. */
async function* takingItsTime(blocks: AsyncIterable<Buffer>, socket: Socket): AsyncGenerator<Buffer> {
  markStreaming(socket);
  try {
    yield* blocks;
  } finally {
    unmarkStreaming(socket);
  }
}

type Limit = Pick<ReceivedOptions, 'bytesMax' | 'advice'>;

async function* bounded(content: Readable, limit: Limit): AsyncGenerator<Buffer> {
  let bytes = 0;
  // Destroying the body would also end the connection that the refusal goes through.
  for await (const block of content.iterator({ destroyOnReturn: false })) {
    bytes += block.length;
    assertSize(bytes, limit);
    yield block;
  }
}

function assertSize(bytes: number, { bytesMax, advice }: Limit): void {
  if (bytes <= bytesMax) return;
  throw new ServerError(
    'body_too_large',
    `Expected a file of at most ${bytesMax.toLocaleString('en-US')} bytes; more came. ${advice}`,
    // What is left of the body is not read.
    { headers: { connection: 'close' } },
  );
}
