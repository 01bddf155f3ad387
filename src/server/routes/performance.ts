import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { performanceByDay } from '#ml';
import { lastDays, nextDay, startOfDay, zoneName } from '../civil-time.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerPerformance(app: FastifyInstance, { database, project }: RouteContext): void {
  const model = project.name;
  fulfil(app, routes.performance, {
    handle: async ({ query: { days: count, timezone } }) => {
      const days = lastDays(count, { timeZone: timezone, now: new Date() });
      const bounds = [...days, ...days.slice(-1).map(nextDay)].map((day) => startOfDay(day, timezone));
      const found = await performanceByDay(database, { model, bounds });
      return {
        ...{ model, timezone: zoneName(timezone), isComplete: found.isComplete, total: found.total },
        days: found.days.map((performance, index) => ({ day: days[index] ?? '', ...performance })),
      };
    },
  });
}
