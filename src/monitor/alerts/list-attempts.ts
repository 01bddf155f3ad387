import { type PagedList, type PageRequest, type Queryable, readPage } from '#store';
import { MonitorError } from '../errors.ts';

/** One attempt to send an alert through a channel. */
export interface ListedAttempt {
  readonly channel: string;
  readonly attempt: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly durationMs: number | null;
  /** Null while it is being sent, or when its process ended before the outcome was known. */
  readonly outcome: 'accepted' | 'refused' | 'unavailable' | null;
  readonly error: string | null;
}

const ATTEMPTS: PagedList<'started'> = {
  name: 'the attempts to send an alert',
  table: 'alert_attempts',
  columns: `channel, attempt, started_at as "startedAt", ended_at as "endedAt", outcome, error,
    (extract(epoch from ended_at - started_at) * 1000)::float8 as "durationMs"`,
  id: { sql: "(channel || '/' || attempt)", type: 'text' },
  orders: { started: { sql: 'started_at', type: 'timestamptz' } },
  sort: '-started',
  text: "concat_ws(' ', channel, outcome, error)",
};

/** Every attempt to send an alert, a page at a time, newest first; throws `alert_unknown` when there is no such alert. */
export async function listAttempts(database: Queryable, alertId: string, request: PageRequest<'started'>) {
  const [known] = await database.query('select 1 from alerts where id = $1', [alertId]);
  if (known === undefined) {
    throw new MonitorError(
      'alert_unknown',
      `Expected the id of an alert, as GET /api/alerts lists them; got ${alertId}.`,
    );
  }
  const ofAlert = { ...request, equal: { alert_id: alertId } };
  return readPage<ListedAttempt, 'started'>(database, ATTEMPTS, { request: ofAlert });
}
