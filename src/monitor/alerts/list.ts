import { type PagedList, type PageRequest, type Queryable, readPage } from '#store';
import type { Alert, AlertFact } from './alert.ts';

export type DeliveryState = 'waiting' | 'accepted' | 'failed';

export interface ListedAlert
  extends Pick<Alert, 'kind' | 'criticality' | 'title' | 'summary' | 'facts' | 'link'>,
    Required<Pick<Alert, 'state'>> {
  readonly id: string;
  readonly createdAt: string;
  /** The alert rule that fired, and its group; null for an alert that no rule raised. */
  readonly ruleName: string | null;
  readonly group: string | null;
  /** The run that it is about; null when it is about none. */
  readonly runId: string | null;
  readonly deliveries: readonly {
    readonly channel: string;
    readonly state: DeliveryState;
    readonly attempts: number;
    readonly lastError: string | null;
  }[];
}

export interface AlertPage {
  readonly items: readonly ListedAlert[];
  readonly nextCursor: string | null;
}

interface AlertRow {
  readonly id: string;
  readonly kind: string;
  readonly criticality: Alert['criticality'];
  readonly title: string;
  readonly summary: string;
  readonly facts: readonly AlertFact[];
  readonly link: string | null;
  readonly state: ListedAlert['state'];
  readonly ruleName: string | null;
  readonly group: string | null;
  readonly runId: string | null;
  readonly created_at: Date;
  readonly deliveries: ListedAlert['deliveries'];
}

const ALERTS: PagedList<'created'> = {
  name: 'alerts',
  table: 'alerts',
  columns: `id, kind, criticality, title, summary, facts, link, state, created_at,
    rule_name as "ruleName", group_name as "group", run_id::text as "runId",
    coalesce((
      select jsonb_agg(jsonb_build_object(
               'channel', channel, 'state', state, 'attempts', attempts, 'lastError', last_error) order by channel)
        from alert_deliveries where alert_id = alerts.id
    ), '[]') as deliveries`,
  id: { sql: 'id', type: 'bigint' },
  orders: { created: { sql: 'created_at', type: 'timestamptz' } },
  sort: '-created',
  text: "concat_ws(' ', kind, criticality, title, summary, facts::text)",
};

/** Alerts with their deliveries, a page at a time; newest first unless they are sorted. */
export async function listAlerts(database: Queryable, request: PageRequest<'created'>): Promise<AlertPage> {
  const { items, nextCursor } = await readPage<AlertRow, 'created'>(database, ALERTS, { request });
  return { items: items.map(toListed), nextCursor };
}

function toListed({ created_at, ...row }: AlertRow): ListedAlert {
  return { ...row, createdAt: created_at.toISOString() };
}
