import type { Database } from '#store';
import type { Alert, AlertFact } from './alert.ts';
import type { Channel, DeliveryOutcome } from './channels/channel.ts';

export interface DeliveryEffects {
  random(): number;
  /** Aborts what is being sent; the deliveries stay pending. */
  readonly signal: AbortSignal;
}

/** What one pass did, in deliveries. */
export interface DeliverySummary {
  readonly accepted: number;
  readonly failed: number;
  readonly retrying: number;
}

export const ATTEMPTS_MAX = 10;
const GROUP_SIZE = 10;
const GROUPS_MAX = 100;
/** Longer than any request may take: until then no other process sends the same delivery. */
const LEASE_SECONDS = 60;
const BACKOFF_FIRST_SECONDS = 5;
const BACKOFF_MAX_SECONDS = 900;

interface Delivery extends Alert {
  readonly alertId: string;
  readonly channel: string;
  readonly attempts: number;
}

interface DeliveryRow extends Omit<Alert, 'dedupeKey' | 'facts'> {
  readonly alert_id: string;
  readonly channel: string;
  readonly attempts: number;
  readonly dedupe_key: string;
  readonly facts: readonly AlertFact[];
}

// Claiming counts the attempt and postpones the delivery for as long as a request may take, so nothing is
// locked while the network is slow, and a process that dies here leaves a delivery that comes up again by itself.
const CLAIM = `
  with due as (
    select alert_id, channel
      from alert_deliveries
     where state = 'waiting' and next_attempt_at <= clock_timestamp() and channel = any($1::text[])
     order by next_attempt_at
     limit ${GROUP_SIZE}
       for update skip locked
  )
  update alert_deliveries as owed
     set attempts = owed.attempts + 1,
         next_attempt_at = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}),
         updated_at = clock_timestamp()
    from due join alerts on alerts.id = due.alert_id
   where owed.alert_id = due.alert_id and owed.channel = due.channel
  returning owed.alert_id, owed.channel, owed.attempts,
            alerts.dedupe_key, alerts.kind, alerts.criticality, alerts.title, alerts.summary, alerts.facts, alerts.link`;

// The count of attempts fences: a process that was suspended past its lease changes nothing.
const RECORD = `
  update alert_deliveries
     set state = $4, last_error = $5, updated_at = clock_timestamp(),
         next_attempt_at = clock_timestamp() + make_interval(secs => $6)
   where alert_id = $1 and channel = $2 and attempts = $3 and state = 'waiting'`;

/**
 * Sends what is due through the given channels, in small groups, and records each result. At least once: never lost,
 * rarely repeated.
 */
export async function deliverAlerts(
  database: Database,
  channels: readonly Channel[],
  effects: Partial<DeliveryEffects> = {},
): Promise<DeliverySummary> {
  const { random = Math.random, signal = new AbortController().signal } = effects;
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  const summary = { accepted: 0, failed: 0, retrying: 0 };
  for (let group = 0; group < GROUPS_MAX && !signal.aborted; group += 1) {
    const rows = await database.query<DeliveryRow>(CLAIM, [[...byName.keys()]]);
    if (rows.length === 0) break;
    const results = rows.map(toDelivery).map(async (delivery) => {
      const outcome = await attempt(delivery, { channel: byName.get(delivery.channel), signal });
      return record(database, { delivery, outcome, random });
    });
    for (const became of await Promise.all(results)) summary[became] += 1;
  }
  return summary;
}

/** Seconds until a delivery is due through one of the channels; undefined when none waits. */
export async function maybeNextDueSeconds(
  database: Database,
  channels: readonly Channel[],
): Promise<number | undefined> {
  const [row] = await database.query<{ readonly seconds: number | null }>(
    `select extract(epoch from min(next_attempt_at) - clock_timestamp())::float8 as seconds
       from alert_deliveries where state = 'waiting' and channel = any($1::text[])`,
    [channels.map(({ name }) => name)],
  );
  return row?.seconds === null || row?.seconds === undefined ? undefined : Math.max(0, row.seconds);
}

interface AttemptOptions {
  readonly channel: Channel | undefined;
  readonly signal: AbortSignal;
}

async function attempt(delivery: Delivery, { channel, signal }: AttemptOptions): Promise<DeliveryOutcome> {
  const { alertId: _, channel: name, attempts, ...alert } = delivery;
  if (channel === undefined) return { kind: 'unavailable', reason: `the channel ${name} is not configured` };
  // Only a process that died while sending leaves more attempts than the bound.
  if (attempts > ATTEMPTS_MAX) return { kind: 'refused', reason: `no attempt of ${ATTEMPTS_MAX} came to an end` };
  try {
    return await channel.send(alert, signal);
  } catch (error) {
    return { kind: 'unavailable', reason: error instanceof Error ? error.message : 'the channel failed' };
  }
}

interface Attempted {
  readonly delivery: Delivery;
  readonly outcome: DeliveryOutcome;
  readonly random: () => number;
}

async function record(database: Database, { delivery, outcome, random }: Attempted): Promise<keyof DeliverySummary> {
  const { alertId, channel, attempts } = delivery;
  const isRetried = outcome.kind === 'unavailable' && attempts < ATTEMPTS_MAX;
  const state = outcome.kind === 'accepted' ? 'accepted' : isRetried ? 'waiting' : 'failed';
  const reason = outcome.kind === 'accepted' ? null : withoutUrls(outcome.reason);
  const delaySeconds = isRetried ? delaySecondsOf({ attempts, outcome, random }) : 0;
  await database.query(RECORD, [alertId, channel, attempts, state, reason, delaySeconds]);
  return state === 'waiting' ? 'retrying' : state;
}

interface Backoff {
  readonly attempts: number;
  readonly outcome: DeliveryOutcome;
  readonly random: () => number;
}

/** Exponential backoff with half of it random, so that many deliveries are spread; never earlier than Retry-After. */
function delaySecondsOf({ attempts, outcome, random }: Backoff): number {
  const longest = Math.min(BACKOFF_FIRST_SECONDS * 2 ** (attempts - 1), BACKOFF_MAX_SECONDS);
  const asked = outcome.kind === 'unavailable' ? (outcome.retryAfterMs ?? 0) / 1000 : 0;
  return Math.max(asked, longest * (0.5 + 0.5 * random()));
}

function toDelivery({ alert_id: alertId, dedupe_key: dedupeKey, ...row }: DeliveryRow): Delivery {
  return { ...row, alertId, dedupeKey };
}

const REASON_LENGTH_MAX = 300;

// A custom channel may put its address into an error.
function withoutUrls(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[address withheld]').slice(0, REASON_LENGTH_MAX);
}
