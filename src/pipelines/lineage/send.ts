import { type AlertRoute, raiseAlert } from '#monitor';
import type { Database } from '#store';
import type { LineageEvent } from './event.ts';

/** Where events go. Throws when one was not accepted. */
export interface LineageTransport {
  readonly name: string;
  send(event: LineageEvent, signal: AbortSignal): Promise<void>;
}

export interface SendOptions {
  readonly transport: LineageTransport;
  /** Who is alerted when nothing has been accepted for too long. */
  readonly alertChannels: readonly AlertRoute[];
  readonly random: () => number;
  readonly signal: AbortSignal;
}

const GROUP_SIZE = 50;
/** Longer than a request may take: until then no other process sends the same event. */
const LEASE_SECONDS = 60;
const BACKOFF_FIRST_SECONDS = 5;
const BACKOFF_MAX_SECONDS = 900;
/** How often an event is tried before people are alerted: for half an hour. */
const ATTEMPTS_BEFORE_ALERT = 9;
/** Older events are dropped, so that the outbox is bounded. */
const KEPT_DAYS = 7;

const CLAIM = `
  with due as (
    select id from lineage_events where next_attempt_at <= clock_timestamp() order by id limit ${GROUP_SIZE}
       for update skip locked
  )
  update lineage_events as owed
     set attempts = attempts + 1, next_attempt_at = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
    from due where owed.id = due.id
  returning owed.id::text, owed.attempts, event`;

interface Owed {
  readonly id: string;
  readonly attempts: number;
  readonly event: LineageEvent;
}

/**
 * Sends what waits, oldest first, at least once. The first event that is not accepted ends the pass: the others wait as
 * long, so that a receiver that is away gets one request a pass. Returns how many were sent.
 */
export async function sendLineage(database: Database, options: SendOptions): Promise<number> {
  const { transport, signal } = options;
  await database.query(
    `delete from lineage_events where created_at < clock_timestamp() - interval '${KEPT_DAYS} days'`,
  );
  let sent = 0;
  while (!signal.aborted) {
    const owed = [...(await database.query<Owed>(CLAIM))].sort((a, b) => Number(a.id) - Number(b.id));
    if (owed.length === 0) return sent;
    for (const [index, { id, event }] of owed.entries()) {
      try {
        await transport.send(event, signal);
      } catch (error) {
        await postpone(database, { owed: owed.slice(index), error }, options);
        return sent;
      }
      await database.query('delete from lineage_events where id = $1', [id]);
      sent += 1;
    }
  }
  return sent;
}

async function postpone(
  database: Database,
  { owed, error }: { readonly owed: readonly Owed[]; readonly error: unknown },
  { transport, alertChannels, random }: SendOptions,
): Promise<void> {
  const attempts = owed[0]?.attempts ?? 1;
  const longest = Math.min(BACKOFF_FIRST_SECONDS * 2 ** (attempts - 1), BACKOFF_MAX_SECONDS);
  const reason = error instanceof Error ? error.message : String(error);
  await database.query(
    `update lineage_events set last_error = $2, next_attempt_at = clock_timestamp() + make_interval(secs => $3)
      where id = any($1::bigint[])`,
    [owed.map(({ id }) => id), reason, longest * (0.5 + 0.5 * random())],
  );
  if (attempts !== ATTEMPTS_BEFORE_ALERT) return;
  await raiseAlert(database, {
    dedupeKey: `lineage-undelivered:${owed[0]?.id}`,
    ...({ kind: 'lineage', criticality: 'medium', link: null, channels: alertChannels } as const),
    title: 'OpenLineage events are not accepted',
    summary: `${transport.name} has not accepted an event in ${attempts} attempts. They are kept for ${KEPT_DAYS} days and tried again.`,
    facts: [{ title: 'Last error', value: reason }],
  });
}
