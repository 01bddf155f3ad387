import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NDJSON_TYPE } from '#api';
import { ServerError } from '../errors.ts';
import type { Limits } from '../options.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the body is passed on as it comes, so that it is never in memory as a whole. */
    readonly isStreamed?: boolean;
    /** Whether a body of lines is read as it comes; what is in memory of it is counted while it is. */
    readonly takesLines?: boolean;
  }
}

const LINES = new RegExp(`^\\s*${NDJSON_TYPE}\\s*(?:;|$)`, 'i');

/** What one stream holds of the bytes in flight. */
export interface BytesHeld {
  /** Says how many bytes are in memory now. Throws `overloaded` when there is no room for more of them. */
  hold(bytes: number): void;
  release(): void;
}

/**
 * Bounds the memory that bodies take together. A body that is read as a whole has its place, of the length that it says
 * or else of the largest one, from before it is read until its answer is sent. A stream may last for hours, so it counts
 * with what is in memory of it. One client gets half of all places.
 */
export class BodiesInFlight {
  readonly #max: number;
  readonly #takenBy = new Map<string, number>();
  #taken = 0;

  constructor({ bodyBytesAtOnce }: Pick<Limits, 'bodyBytesAtOnce'>) {
    this.#max = bodyBytesAtOnce;
  }

  /** Takes a place; the result gives it back. */
  take(client: string, bytes: number): () => void {
    this.#assertRoom(client, { bytes, held: 0 });
    this.#add(client, bytes);
    return () => this.#add(client, -bytes);
  }

  /** Counts what a stream has in memory. */
  stream(client: string): BytesHeld {
    let held = 0;
    const change = (bytes: number): void => {
      this.#add(client, bytes - held);
      held = bytes;
    };
    return {
      hold: (bytes) => {
        if (bytes > held) this.#assertRoom(client, { bytes: bytes - held, held });
        change(bytes);
      },
      release: () => change(0),
    };
  }

  /** Who is alone has room in any case: its body is bounded by itself. */
  #assertRoom(client: string, { bytes, held }: { readonly bytes: number; readonly held: number }): void {
    const ofClient = this.#takenBy.get(client) ?? 0;
    const isFull = this.#taken > held && this.#taken + bytes > this.#max;
    const isFullOfOne = ofClient > held && ofClient + bytes > this.#max / 2;
    if (isFull || isFullOfOne)
      throw new ServerError('overloaded', 'Too many bytes of requests are being received at once. Try again.', {
        headers: { connection: 'close' },
      });
  }

  #add(client: string, bytes: number): void {
    this.#taken += bytes;
    const ofClient = (this.#takenBy.get(client) ?? 0) + bytes;
    if (ofClient > 0) this.#takenBy.set(client, ofClient);
    else this.#takenBy.delete(client);
  }
}

/** Gives each body that is read as a whole its place. */
export function registerBodiesInFlight(
  app: FastifyInstance,
  { bodyBytes, bodies }: Pick<Limits, 'bodyBytes'> & { readonly bodies: BodiesInFlight },
): void {
  app.addHook('onRequest', async (request, reply) => {
    const bytes = placeOf(request, bodyBytes);
    if (bytes === 0) return;
    const give = bodies.take(request.ip, bytes);
    reply.raw.once('close', give);
  });
}

function placeOf({ headers, routeOptions: { config } }: FastifyRequest, bodyBytes: number): number {
  if (config.isStreamed === true) return 0;
  if (config.takesLines === true && LINES.test(headers['content-type'] ?? '')) return 0;
  const isEncoded = headers['content-encoding'] !== undefined;
  if (headers['transfer-encoding'] !== undefined || (isEncoded && headers['content-length'] !== '0')) return bodyBytes;
  return Math.min(Number(headers['content-length'] ?? 0), bodyBytes);
}
