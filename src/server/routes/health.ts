import type { FastifyInstance } from 'fastify';
import { LIVE_ALIASES, READY_ALIASES, routes } from '#api';
import { createHealth } from '../health/health.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/**
 * - `/api/live`: the process answers. A process that is restarted for a database that is away helps nobody.
 * - `/api/ready`: predictions can be made and stored, and the server does not stop. For load balancers.
 * - `/api/health`: all of it, for people and alerts. 503 only when something fails, so not while the first model trains.
 */
export function registerHealth(app: FastifyInstance, context: RouteContext): void {
  const health = createHealth(context);
  const live = async () => ({ status: 'ok' as const, uptimeSeconds: Math.round(process.uptime()) });
  for (const path of [routes.live.path, ...LIVE_ALIASES]) fulfil(app, { ...routes.live, path }, { handle: live });
  fulfil(app, routes.health, {
    handle: async ({ reply }) => {
      const answer = await health();
      reply.code(answer.status === 'failing' ? 503 : 200);
      return answer;
    },
  });
  for (const path of [routes.ready.path, ...READY_ALIASES]) {
    fulfil(
      app,
      { ...routes.ready, path },
      {
        handle: async ({ reply }) => {
          const answer = await health();
          reply.code(answer.status === 'ok' ? 200 : 503);
          return answer;
        },
      },
    );
  }
}
