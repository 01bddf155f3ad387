import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';
import type { Limits } from '../options.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the body is passed on as it comes, so that it is never in memory as a whole. */
    readonly isStreamed?: boolean;
  }
}

/**
 * Bounds the memory that bodies take together: each has its place, of the length that it says or else of the largest
 * one, from before it is read until its answer is sent. One client gets half of all places.
 */
export function registerBodiesInFlight(
  app: FastifyInstance,
  { bodyBytes, bodyBytesAtOnce }: Pick<Limits, 'bodyBytes' | 'bodyBytesAtOnce'>,
): void {
  let taken = 0;
  const takenBy = new Map<string, number>();
  const add = (client: string, bytes: number): void => {
    taken += bytes;
    const ofClient = (takenBy.get(client) ?? 0) + bytes;
    if (ofClient > 0) takenBy.set(client, ofClient);
    else takenBy.delete(client);
  };
  app.addHook('onRequest', async (request, reply) => {
    const bytes = placeOf(request, bodyBytes);
    if (bytes === 0) return;
    const client = request.ip;
    const isFull = taken > 0 && taken + bytes > bodyBytesAtOnce;
    const isFullOfOne = (takenBy.get(client) ?? 0) > 0 && (takenBy.get(client) ?? 0) + bytes > bodyBytesAtOnce / 2;
    if (isFull || isFullOfOne)
      throw new ServerError('overloaded', 'Too many bytes of requests are being received at once. Try again.', {
        headers: { connection: 'close' },
      });
    add(client, bytes);
    reply.raw.once('close', () => add(client, -bytes));
  });
}

function placeOf({ headers, routeOptions }: FastifyRequest, bodyBytes: number): number {
  if (routeOptions.config.isStreamed === true) return 0;
  const isEncoded = headers['content-encoding'] !== undefined;
  if (headers['transfer-encoding'] !== undefined || (isEncoded && headers['content-length'] !== '0')) return bodyBytes;
  return Math.min(Number(headers['content-length'] ?? 0), bodyBytes);
}
