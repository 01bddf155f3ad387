import { z } from 'zod';
import { listCursor, listSearch, listSort, pageSize } from './list-query.ts';

const color = z.enum(['green', 'orange', 'red']);
export const panel = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string().optional(),
    kind: z.enum(['timeseries', 'stat', 'bars', 'table', 'categories', 'histogram']),
    unit: z.enum(['none', 'label', 'percent', 'milliseconds', 'seconds', 'count', 'bytes']),
    thresholds: z.array(z.object({ from: z.number().nullable(), color })),
    stacked: z.boolean().optional(),
    colors: z.record(z.string(), z.enum(['green', 'orange', 'red', 'grey', 'blue'])).optional(),
    width: z.int(),
    height: z.int(),
  })
  .meta({ id: 'Panel' });

export const dashboard = z
  .object({
    id: z.string(),
    title: z.string(),
    audience: z.string(),
    windows: z.array(z.object({ label: z.string(), minutes: z.int() })),
    defaultWindowMinutes: z.int(),
    refreshSeconds: z.int(),
    panels: z.array(panel),
  })
  .meta({ id: 'Dashboard' });
export const dashboards = z.object({ items: z.array(dashboard) });

const panelCell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** The rows of each panel's query over the window; times are ISO strings. `error` when the query failed. */
export const dashboardRows = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    panels: z.record(
      z.string(),
      z.object({ rows: z.array(z.record(z.string(), panelCell)), error: z.string().optional() }),
    ),
  })
  .meta({ id: 'DashboardRows' });
export const dashboardQuery = z.strictObject({
  minutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(60 * 24 * 31)
    .default(30)
    .meta({ description: 'How far back the panels reach' }),
});

export const alert = z
  .object({
    id: z.string(),
    kind: z.string(),
    criticality: z.enum(['low', 'medium', 'high']),
    state: z.enum(['firing', 'resolved']).meta({ description: 'Whether a problem began or ended' }),
    ruleName: z.string().nullable().meta({ description: 'The alert rule that fired; null when no rule raised it' }),
    group: z.string().nullable(),
    title: z.string(),
    summary: z.string(),
    facts: z.array(z.object({ title: z.string(), value: z.string() })),
    link: z.string().nullable(),
    createdAt: z.iso.datetime(),
    deliveries: z.array(
      z.object({
        channel: z.string(),
        state: z.enum(['waiting', 'accepted', 'failed']),
        attempts: z.int(),
        lastError: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Alert' });
export const alertsQuery = z.strictObject({
  sort: listSort(['created']),
  search: listSearch,
  cursor: listCursor(['-created', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(200),
});
export const alerts = z.object({ items: z.array(alert), nextCursor: z.string().nullable() }).meta({ id: 'Alerts' });

export type Panel = z.infer<typeof panel>;
export type Dashboard = z.infer<typeof dashboard>;
export type DashboardRows = z.infer<typeof dashboardRows>;
export type Alert = z.infer<typeof alert>;
