import { z } from 'zod';
import { listCursor, listSearch, listSort, moment, pageSize, timezone } from './list-query.ts';

const color = z.enum(['green', 'orange', 'red']);
export const panel = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string().optional(),
    kind: z.enum(['timeseries', 'stat', 'bars', 'heatmap', 'table', 'categories', 'histogram']),
    unit: z.enum(['none', 'label', 'percent', 'milliseconds', 'seconds', 'count', 'bytes']),
    thresholds: z.array(z.object({ from: z.number().nullable(), color })),
    stacked: z.boolean().optional(),
    colors: z.record(z.string(), z.enum(['green', 'orange', 'red', 'grey', 'blue'])).optional(),
    link: z
      .object({ list: z.enum(['files', 'predictions']), metric: z.enum(['verdict', 'source']).optional() })
      .optional()
      .meta({ description: 'The list a bar leads to, and the filter that its metric is a value of' }),
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
    variables: z
      .array(z.object({ name: z.string(), title: z.string() }))
      .meta({ description: 'What the panels can be narrowed to, as parameters of the request of the rows' }),
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
    bucketSeconds: z.int().meta({ description: 'Width of the buckets of charts over time' }),
    variables: z
      .record(z.string(), z.array(z.string()))
      .meta({ description: 'The values to choose from, by the name of the variable' }),
    panels: z.record(
      z.string(),
      z.object({ rows: z.array(z.record(z.string(), panelCell)), error: z.string().optional() }),
    ),
  })
  .meta({ id: 'DashboardRows' });
const MINUTES_MAX = 60 * 24 * 92;
const CHOSEN_MAX = 50;
const TEXT_MAX = 500;
const chosenText = z.string().min(1).max(TEXT_MAX);
const chosen = (description: string, example: string) =>
  z
    .union([chosenText, z.array(chosenText).max(CHOSEN_MAX)])
    .optional()
    .meta({ description, examples: [example] });

export const dashboardQuery = z.strictObject({
  minutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(MINUTES_MAX)
    .default(30)
    .meta({ description: 'How far back the panels reach, unless `from` and `to` are set' }),
  from: moment
    .optional()
    .meta({ description: 'The first day or moment, together with `to`', examples: ['2026-03-01'] }),
  to: moment.optional().meta({ description: 'The last day or moment', examples: ['2026-03-31T12:00:00Z'] }),
  timezone,
  column: chosen('Only these columns, where a panel is about columns; repeat it for more', 'amount'),
  source: chosen('Only files of these sources: their names up to the first digit; repeat it for more', 'orders'),
  version: chosen('Only predictions of these model versions; repeat it for more', 'churn@3'),
});

export const alert = z
  .object({
    id: z.string(),
    kind: z.string(),
    criticality: z.enum(['low', 'medium', 'high']),
    state: z.enum(['firing', 'resolved']).meta({ description: 'Whether a problem began or ended' }),
    ruleName: z.string().nullable().meta({ description: 'The alert rule that fired; null when no rule raised it' }),
    group: z.string().nullable(),
    runId: z
      .string()
      .nullable()
      .meta({ description: 'The run that it is about, such as the one that failed; null when it is about none' }),
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
export type DashboardQuery = z.infer<typeof dashboardQuery>;
export type DashboardRows = z.infer<typeof dashboardRows>;
export type Alert = z.infer<typeof alert>;
