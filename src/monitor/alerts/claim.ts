import type { Queryable } from '#store';
import type { Alert, AlertFact } from './alert.ts';

/** An alert that this process may send through a channel now. */
export interface Delivery extends Alert {
  readonly alertId: string;
  readonly channel: string;
  /** Number of this attempt. */
  readonly attempt: number;
  /** Since the alert was raised. */
  readonly ageSeconds: number;
  /** Earlier attempts whose process ended before their outcome was known. */
  readonly lostAttempts: number;
}

export interface Claiming {
  readonly channel: string;
  /** The time of the database unless given. */
  readonly at: Date | null;
}

export const GROUP_SIZE = 10;
/** Longer than any request may take: until then no other process sends the same delivery. */
const LEASE_SECONDS = 60;
/** How long an alert is worth sending; people have seen it in the web app since. */
export const RETRY_HOURS_MAX = 24;

/** Of a statement whose second parameter is the time, or null for that of the database. */
const NOW = 'coalesce($2::timestamptz, clock_timestamp())';
const LEASE_END = `${NOW} + make_interval(secs => ${LEASE_SECONDS})`;

const EXPIRE = `
  update alert_deliveries as owed
     set state = 'failed', updated_at = ${NOW},
         last_error = concat_ws('; ', last_error, 'given up after ${RETRY_HOURS_MAX} hours')
    from alerts
   where owed.channel = $1 and owed.state = 'waiting' and owed.next_attempt_at <= ${NOW}
     and alerts.id = owed.alert_id and alerts.created_at < ${NOW} - make_interval(hours => ${RETRY_HOURS_MAX})`;

// One statement for each process that asks, and only one of them changes the row: that one sends the probe. A process
// that dies with it leaves the circuit half-open until its lease has passed.
const ADMIT = `
  with probe as (
    update alert_channels
       set state = 'half-open', next_probe_at = ${LEASE_END}
     where name = $1 and state <> 'closed' and next_probe_at <= ${NOW}
       and exists (
         select from alert_deliveries
          where channel = $1 and alert_deliveries.state = 'waiting' and next_attempt_at <= ${NOW})
    returning 1
  )
  select case
    when exists (select from probe) then 1
    when exists (select from alert_channels where name = $1 and state <> 'closed') then 0
    else ${GROUP_SIZE} end as room`;

// Claiming counts the attempt and postpones the delivery for as long as a request may take, so nothing is locked while
// the network is slow, and a process that dies here leaves a delivery that comes up again by itself, and an attempt
// without an outcome.
const CLAIM = `
  with due as (
    select alert_id
      from alert_deliveries
     where channel = $1 and state = 'waiting' and next_attempt_at <= ${NOW}
     order by next_attempt_at
     limit $3
       for update skip locked
  ), claimed as (
    update alert_deliveries as owed
       set attempts = owed.attempts + 1, next_attempt_at = ${LEASE_END}, updated_at = ${NOW}
      from due
     where owed.alert_id = due.alert_id and owed.channel = $1
    returning owed.alert_id, owed.attempts
  ), begun as (
    insert into alert_attempts (alert_id, channel, attempt, started_at)
    select alert_id, $1, attempts, ${NOW} from claimed
  )
  select alert_id as "alertId", attempts as attempt, extract(epoch from ${NOW} - created_at)::float8 as "ageSeconds",
         (select count(*)::integer from alert_attempts as earlier
           where earlier.alert_id = alerts.id and earlier.channel = $1 and earlier.ended_at is null) as "lostAttempts",
         dedupe_key as "dedupeKey",
         kind, criticality, title, summary, facts, link, state,
         incident_key as "incidentKey", rule_name as "ruleName", group_name as "group"
    from claimed join alerts on alerts.id = alert_id
   order by alert_id`;

interface ClaimedRow extends Omit<Delivery, 'channel' | 'incidentKey' | 'ruleName' | 'group'> {
  readonly facts: readonly AlertFact[];
  readonly incidentKey: string | null;
  readonly ruleName: string | null;
  readonly group: string | null;
}

/** Gives up on deliveries that nobody accepted for too long. */
export async function expireDeliveries(database: Queryable, { channel, at }: Claiming): Promise<void> {
  await database.query(EXPIRE, [channel, at]);
}

/** What may be sent through a channel now: a group, one as a probe of a channel that failed, or nothing. */
export async function claimDeliveries(database: Queryable, { channel, at }: Claiming): Promise<readonly Delivery[]> {
  const [admitted] = await database.query<{ readonly room: number }>(ADMIT, [channel, at]);
  if (admitted === undefined || admitted.room === 0) return [];
  const rows = await database.query<ClaimedRow>(CLAIM, [channel, at, admitted.room]);
  return rows.map(({ incidentKey, ruleName, group, ...row }) => ({
    ...row,
    channel,
    ...(incidentKey === null ? {} : { incidentKey }),
    ...(ruleName === null ? {} : { ruleName }),
    ...(group === null ? {} : { group }),
  }));
}

/** Seconds until a delivery may be sent through the channel; undefined when none waits. */
export async function maybeNextDueSeconds(database: Queryable, { channel, at }: Claiming): Promise<number | undefined> {
  const [row] = await database.query<{ readonly seconds: number | null }>(
    `select extract(epoch from
              greatest(min(next_attempt_at), (select next_probe_at from alert_channels where name = $1)) - ${NOW}
            )::float8 as seconds
       from alert_deliveries where state = 'waiting' and channel = $1`,
    [channel, at],
  );
  return row?.seconds === null || row?.seconds === undefined ? undefined : Math.max(0, row.seconds);
}
