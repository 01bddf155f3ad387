import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { listAlerts } from '#monitor';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerAlerts(app: FastifyInstance, { database }: RouteContext): void {
  fulfil(app, routes.alerts, {
    handle: async ({ query }) => {
      const { items, nextCursor } = await listAlerts(database, query);
      return {
        items: items.map(({ facts, deliveries, ...alert }) => ({
          ...alert,
          facts: facts.map((fact) => ({ ...fact })),
          deliveries: deliveries.map((delivery) => ({ ...delivery })),
        })),
        nextCursor,
      };
    },
  });
}
