import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { RUNS_CHANNEL } from '#engine';
import { ServerError } from '../errors.ts';
import { DATA_POLICY } from '../plugins/security-headers.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** A client with this many unread bytes is disconnected; it reconnects and loads again. */
const UNREAD_BYTES_MAX = 256 * 1024;
const RECONNECT_MS = 2_000;

/** Server-sent events: one for each change of a run, by any process. */
export function registerRunEvents(app: FastifyInstance, { database, limits, streamsEnd }: RouteContext): void {
  const clients = new Set<ServerResponse>();
  let stopListening: (() => Promise<void>) | undefined;
  const heartbeat = setInterval(() => send(clients, ': still here\n\n'), limits.heartbeatMs);
  heartbeat.unref();

  app.addHook('onReady', async () => {
    stopListening = await database.listen(RUNS_CHANNEL, (id) => {
      send(clients, `event: run\ndata: ${JSON.stringify({ id })}\n\n`);
    });
  });
  streamsEnd.addEventListener('abort', () => {
    clearInterval(heartbeat);
    for (const client of clients) client.end();
    clients.clear();
  });
  app.addHook('preClose', async () => stopListening?.());

  fulfil(app, routes.runEvents, {
    handle: ({ request, reply }) => {
      if (clients.size >= limits.eventClients) {
        throw new ServerError(
          'clients_exhausted',
          `${clients.size} clients follow the events already. Close some pages.`,
        );
      }
      reply.hijack();
      const client = reply.raw;
      client.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': DATA_POLICY,
        'cross-origin-resource-policy': 'same-origin',
        'x-accel-buffering': 'no',
      });
      client.write(`retry: ${RECONNECT_MS}\n\n`);
      clients.add(client);
      request.raw.socket.setNoDelay(true);
      client.on('close', () => clients.delete(client));
      client.on('error', () => clients.delete(client));
    },
  });
}

function send(clients: Set<ServerResponse>, text: string): void {
  for (const client of clients) {
    if (client.writableLength <= UNREAD_BYTES_MAX) {
      client.write(text);
    } else {
      clients.delete(client);
      client.destroy();
    }
  }
}
