import type { FastifyInstance } from 'fastify';
import { type Dashboard as DashboardAnswer, routes } from '#api';
import { type Dashboard, dashboardRows } from '#monitor';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

const MINUTE_MS = 60_000;

export function registerDashboards(app: FastifyInstance, { database, dashboards }: RouteContext): void {
  const answer = { items: dashboards.map(toAnswer) };
  fulfil(app, routes.dashboards, { handle: () => answer });
  fulfil(app, routes.dashboard, {
    handle: async ({ params, query }) => {
      const dashboard = dashboards.find(({ id }) => id === params.id);
      if (dashboard === undefined) {
        const known = dashboards.map(({ id }) => id).join(', ');
        throw new ServerError(
          'dashboard_unknown',
          `Expected one of the dashboards ${known}; got ${JSON.stringify(params.id)}.`,
        );
      }
      const to = new Date();
      const from = new Date(to.getTime() - query.minutes * MINUTE_MS);
      const { panels, ...window } = await dashboardRows(database, dashboard, { from, to });
      return {
        ...window,
        panels: Object.fromEntries(
          Object.entries(panels).map(([id, { rows, error }]) => [
            id,
            { rows: rows.map((row) => ({ ...row })), ...(error === undefined ? {} : { error }) },
          ]),
        ),
      };
    },
  });
}

/** Without the SQL: the browser draws rows, it never asks the database. */
function toAnswer({ windows, panels, ...dashboard }: Dashboard): DashboardAnswer {
  return {
    ...dashboard,
    windows: windows.map((window) => ({ ...window })),
    panels: panels.map(({ sql: _, thresholds, ...panel }) => ({
      ...panel,
      thresholds: thresholds.map((threshold) => ({ ...threshold })),
    })),
  };
}
