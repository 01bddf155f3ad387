import type { FastifyInstance } from 'fastify';
import { type Dashboard as DashboardAnswer, type DashboardQuery, type DashboardRows, routes } from '#api';
import { type Dashboard, dashboardRows } from '#monitor';
import { ServerError } from '../errors.ts';
import { toPeriod } from '../period.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { sharedAnswers } from './shared-answers.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A year and a day. */
const DAYS_MAX = 367;

export function registerDashboards(app: FastifyInstance, { database, dashboards }: RouteContext): void {
  const answer = { items: dashboards.map(toAnswer) };
  fulfil(app, routes.dashboards, { handle: () => answer });
  const rowsOf = new Map(dashboards.map((dashboard) => [dashboard.id, latestRows(database, dashboard)]));
  fulfil(app, routes.dashboard, {
    handle: ({ params, query }) => {
      const latest = rowsOf.get(params.id);
      if (latest !== undefined) return latest(JSON.stringify(query));
      const known = dashboards.map(({ id }) => id).join(', ');
      throw new ServerError(
        'dashboard_unknown',
        `Expected one of the dashboards ${known}; got ${JSON.stringify(params.id)}.`,
      );
    },
  });
}

/** The rows of a dashboard; all pages that show it alike share one query. */
function latestRows(database: RouteContext['database'], dashboard: Dashboard): (key: string) => Promise<DashboardRows> {
  return sharedAnswers(async (key) => {
    // The key is a query of the route, written above.
    const { column, source, version, ...query } = JSON.parse(key) as DashboardQuery;
    const choices = { column: toList(column), source: toList(source), version: toList(version) };
    const { panels, variables, ...window } = await dashboardRows(database, dashboard, { ...windowOf(query), choices });
    return {
      ...window,
      variables: Object.fromEntries(Object.entries(variables).map(([name, values]) => [name, [...values]])),
      panels: Object.fromEntries(
        Object.entries(panels).map(([id, { rows, error }]) => [
          id,
          { rows: rows.map((row) => ({ ...row })), ...(error === undefined ? {} : { error }) },
        ]),
      ),
    };
  });
}

/** A parameter that is given once is a text. */
const toList = (chosen: string | readonly string[] | undefined): readonly string[] =>
  chosen === undefined ? [] : [chosen].flat();

type Period = Pick<DashboardQuery, 'minutes' | 'from' | 'to' | 'timezone'>;

function windowOf({ minutes, ...period }: Period): { readonly from: Date; readonly to: Date } {
  const { from, toExclusive } = toPeriod(period);
  const to = toExclusive ?? new Date();
  const start = from ?? new Date(to.getTime() - minutes * MINUTE_MS);
  if (start < to && to.getTime() - start.getTime() <= DAYS_MAX * DAY_MS) return { from: start, to };
  throw new ServerError(
    'period_invalid',
    `Expected from to lie before to, at most ${DAYS_MAX} days; got ${start.toISOString()} to ${to.toISOString()}. Choose a shorter period.`,
  );
}

/** Without the SQL: the browser draws rows and never queries the database. */
function toAnswer({ windows, panels, variables, ...dashboard }: Dashboard): DashboardAnswer {
  return {
    ...dashboard,
    variables: variables.map(({ name, title }) => ({ name, title })),
    windows: windows.map((window) => ({ ...window })),
    panels: panels.map(({ sql: _, thresholds, ...panel }) => ({
      ...panel,
      thresholds: thresholds.map((threshold) => ({ ...threshold })),
    })),
  };
}
