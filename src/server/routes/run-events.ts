import type { FastifyInstance, FastifyRequest } from 'fastify';
import { followEndedSessions, followRevocations } from '#access';
import { routes } from '#api';
import { RUNS_CHANNEL } from '#engine';
import { DATA_POLICY } from '../plugins/security-headers.ts';
import type { RouteContext } from './context.ts';
import { EventClients } from './event-clients.ts';
import { fulfil } from './fulfil.ts';

const RECONNECT_MS = 2_000;

/** Server-sent events: one for each change of a run, by any process. */
export function registerRunEvents(app: FastifyInstance, { database, limits, metrics, streamsEnd }: RouteContext): void {
  const clients = new EventClients(limits);
  const count = (): void => metrics.set('weir_event_clients', [[{}, clients.size]]);
  count();
  const stops: (() => Promise<void>)[] = [];

  app.addHook('onReady', async () => {
    const send = (id: string): void => clients.send(`event: run\ndata: ${JSON.stringify({ id })}\n\n`);
    stops.push(await database.listen(RUNS_CHANNEL, send));
    stops.push(await followRevocations(database, (id) => clients.endOf(`key ${id}`)));
    stops.push(await followEndedSessions(database, (id) => clients.endOf(`user ${id}`)));
  });
  streamsEnd.addEventListener('abort', () => clients.end());
  app.addHook('preClose', async () => {
    await Promise.all(stops.map((stop) => stop()));
  });

  fulfil(app, routes.runEvents, {
    handle: ({ request, reply }) => {
      const client = clientOf(request);
      clients.assertPlace(client);
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': DATA_POLICY,
        'cross-origin-resource-policy': 'same-origin',
        'x-accel-buffering': 'no',
      });
      if (request.method === 'HEAD') {
        raw.end();
        return;
      }
      raw.write(`retry: ${RECONNECT_MS}\n\n`);
      clients.add(raw, client);
      count();
      // Once it has been removed, by a listener that was added before.
      raw.once('close', count);
      request.raw.socket.setNoDelay(true);
      // Finds clients whose machine went away without a word.
      request.raw.socket.setKeepAlive(true, limits.heartbeatMs);
    },
  });
}

function clientOf({ identity, ip }: FastifyRequest): string {
  return identity === undefined || identity.kind === 'local' ? `address ${ip}` : `${identity.kind} ${identity.id}`;
}
