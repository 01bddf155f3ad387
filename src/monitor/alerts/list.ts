import { type KeysetPosition, maybePosition, momentSql, type Queryable, toPage } from '#store';
import { MonitorError } from '../errors.ts';
import type { Alert, AlertFact } from './alert.ts';

export type DeliveryState = 'waiting' | 'accepted' | 'failed';

export interface ListedAlert extends Omit<Alert, 'dedupeKey'> {
  readonly id: string;
  readonly createdAt: string;
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
  readonly created_at: Date;
  readonly moment: string;
  readonly deliveries: ListedAlert['deliveries'];
}

const LIST = `
  select id, kind, criticality, title, summary, facts, link, created_at,
         ${momentSql('created_at')} as moment,
         coalesce((
           select jsonb_agg(jsonb_build_object(
                    'channel', channel, 'state', state, 'attempts', attempts, 'lastError', last_error) order by channel)
             from alert_deliveries where alert_id = alerts.id
         ), '[]') as deliveries
    from alerts
   where $1::timestamptz is null or (created_at, id) < ($1::timestamptz, $2::bigint)
   order by created_at desc, id desc
   limit $3`;

/** Alerts with their deliveries, newest first, a page at a time. */
export async function listAlerts(
  database: Queryable,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<AlertPage> {
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  const rows = await database.query<AlertRow>(LIST, [after?.moment ?? null, after?.id ?? null, limit + 1]);
  const { items, nextCursor } = toPage(rows, { limit, positionOf: (row) => row });
  return { items: items.map(toListed), nextCursor };
}

function toListed({ created_at, moment: _, ...row }: AlertRow): ListedAlert {
  return { ...row, createdAt: created_at.toISOString() };
}

function parseCursor(cursor: string): KeysetPosition {
  const position = maybePosition(cursor, 'number');
  if (position !== undefined) return position;
  throw new MonitorError(
    'cursor_invalid',
    `Expected the cursor of an earlier page, got ${JSON.stringify(cursor.slice(0, 100))}: ask for the first page without one.`,
  );
}
