import type { Queryable } from '#store';
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
  /** In microseconds, which a Date would lose: the page after would repeat or miss an alert. */
  readonly moment: string;
  readonly deliveries: ListedAlert['deliveries'];
}

const LIST = `
  select id, kind, criticality, title, summary, facts, link, created_at,
         to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as moment,
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
  const [moment, id] = cursor === undefined ? [null, null] : parseCursor(cursor);
  const rows = await database.query<AlertRow>(LIST, [moment, id, limit + 1]);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(toListed),
    nextCursor:
      rows.length > limit && last !== undefined ? Buffer.from(`${last.moment}|${last.id}`).toString('base64url') : null,
  };
}

function toListed({ created_at, moment: _, ...row }: AlertRow): ListedAlert {
  return { ...row, createdAt: created_at.toISOString() };
}

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\|(\d{1,18})$/;

function parseCursor(cursor: string): [string, string] {
  const [, moment, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (moment !== undefined && id !== undefined && !Number.isNaN(Date.parse(moment))) return [moment, id];
  throw new MonitorError(
    'cursor_invalid',
    `Expected the cursor of an earlier page, got ${JSON.stringify(cursor.slice(0, 100))}: ask for the first page without one.`,
  );
}
