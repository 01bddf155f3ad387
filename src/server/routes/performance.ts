import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { LABELS_MIN, labelMaturity, performanceByDay } from '#ml';
import { lastDays, nextDay, startOfDay, zoneName } from '../civil-time.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** Long enough to see how many labels come within 30 days. */
const MATURITY_DAYS = 45;
const DAY_MS = 86_400_000;

export function registerPerformance(app: FastifyInstance, { database, project }: RouteContext): void {
  const model = project.name;
  fulfil(app, routes.performance, {
    handle: async ({ query: { days: count, timezone, version } }) => {
      const now = new Date();
      const days = lastDays(count, { timeZone: timezone, now });
      const bounds = [...days, ...days.slice(-1).map(nextDay)].map((day) => startOfDay(day, timezone));
      const found = await performanceByDay(database, { model, bounds, version });
      const since = new Date(now.getTime() - MATURITY_DAYS * DAY_MS);
      const maturity = await labelMaturity(database, { model, since, now });
      return {
        ...{ model, timezone: zoneName(timezone), labelsMin: LABELS_MIN },
        ...{ isComplete: found.isComplete, total: found.total, versions: [...found.versions] },
        maturity: {
          ...maturity,
          ...{ since: since.toISOString(), horizons: [...maturity.horizons], steps: [...maturity.steps] },
        },
        days: found.days.map((performance, index) => ({ day: days[index] ?? '', ...performance })),
      };
    },
  });
}
