import type { FastifyInstance } from 'fastify';
import { type Dashboard as DashboardAnswer, type DashboardRows, routes } from '#api';
import { type Dashboard, dashboardRows } from '#monitor';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { sharedAnswers } from './shared-answers.ts';

const MINUTE_MS = 60_000;

export function registerDashboards(app: FastifyInstance, { database, dashboards }: RouteContext): void {
  const answer = { items: dashboards.map(toAnswer) };
  fulfil(app, routes.dashboards, { handle: () => answer });
  const rowsOf = new Map(dashboards.map((dashboard) => [dashboard.id, latestRows(database, dashboard)]));
  fulfil(app, routes.dashboard, {
    handle: ({ params, query }) => {
      const latest = rowsOf.get(params.id);
      if (latest !== undefined) return latest(String(query.minutes));
      const known = dashboards.map(({ id }) => id).join(', ');
      throw new ServerError(
        'dashboard_unknown',
        `Expected one of the dashboards ${known}; got ${JSON.stringify(params.id)}.`,
      );
    },
  });
}

/** The rows of a dashboard over the latest minutes; all pages that show it share one query. */
function latestRows(
  database: RouteContext['database'],
  dashboard: Dashboard,
): (minutes: string) => Promise<DashboardRows> {
  return sharedAnswers(async (minutes) => {
    const to = new Date();
    const from = new Date(to.getTime() - Number(minutes) * MINUTE_MS);
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
  });
}

/** Without the SQL: the browser draws rows and never queries the database. */
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
