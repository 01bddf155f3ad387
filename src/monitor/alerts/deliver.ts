import type { Database, Queryable } from '#store';
import type { Alert } from './alert.ts';
import type { Channel, DeliveryOutcome } from './channels/channel.ts';
import type { Circuit, CircuitEvent } from './circuit.ts';
import { recordInCircuit } from './circuit-records.ts';
import { claimDeliveries, type Delivery, expireDeliveries, RETRY_HOURS_MAX } from './claim.ts';
import type { AlertRoute } from './route.ts';

export interface DeliveryEffects {
  random(): number;
  /** The time of the database unless given. */
  now(): Date;
  /** Aborts what is being sent; the deliveries stay pending. */
  readonly signal: AbortSignal;
}

/** What one pass did, in deliveries. */
export interface DeliverySummary {
  readonly accepted: number;
  readonly failed: number;
  readonly retrying: number;
}

const GROUPS_MAX = 100;
/** An alert that ends the process which sends it, such as one out of memory, must not do so for ever. */
const LOST_ATTEMPTS_MAX = 10;
const BACKOFF_FIRST_SECONDS = 5;
const BACKOFF_MAX_SECONDS = 900;

// The number of the attempt fences: a process that was suspended past its lease changes nothing of the delivery. What
// came of its own attempt is recorded in any case.
const RECORD = `
  with ended as (
    update alert_attempts
       set ended_at = coalesce($8::timestamptz, clock_timestamp()), outcome = $7, error = $5
     where alert_id = $1 and channel = $2 and attempt = $3 and ended_at is null
  )
  update alert_deliveries
     set state = $4, last_error = $5, updated_at = coalesce($8::timestamptz, clock_timestamp()),
         next_attempt_at = coalesce($8::timestamptz, clock_timestamp()) + make_interval(secs => $6)
   where alert_id = $1 and channel = $2 and attempts = $3 and state = 'waiting'
  returning updated_at as at`;

/**
 * Sends what is due through the given channels, each on its own and in small groups, and records each result. At least
 * once: never lost, rarely repeated.
 */
export async function deliverAlerts(
  database: Database,
  channels: readonly Channel[],
  effects: Partial<DeliveryEffects> = {},
): Promise<DeliverySummary> {
  const passes = channels.map((channel) => deliverThrough(database, { channel, channels }, effects));
  const summaries = await Promise.all(passes);
  return {
    accepted: summaries.reduce((sum, { accepted }) => sum + accepted, 0),
    failed: summaries.reduce((sum, { failed }) => sum + failed, 0),
    retrying: summaries.reduce((sum, { retrying }) => sum + retrying, 0),
  };
}

export interface Through {
  readonly channel: Channel;
  /** All configured channels, which get an alert when this one stops accepting alerts. */
  readonly channels: readonly AlertRoute[];
}

/** Sends what is due through one channel. */
export async function deliverThrough(
  database: Database,
  { channel, channels }: Through,
  effects: Partial<DeliveryEffects> = {},
): Promise<DeliverySummary> {
  const { random = Math.random, now, signal = new AbortController().signal } = effects;
  const summary = { accepted: 0, failed: 0, retrying: 0 };
  await expireDeliveries(database, { channel: channel.name, at: now?.() ?? null });
  for (let group = 0; group < GROUPS_MAX && !signal.aborted; group += 1) {
    const claimed = await claimDeliveries(database, { channel: channel.name, at: now?.() ?? null });
    if (claimed.length === 0) break;
    const results = claimed.map(async (delivery) => {
      const attempted = await attempt(delivery, { channel, signal });
      return record(database, { ...attempted, delivery, channels, random, at: now?.() });
    });
    for (const became of await Promise.all(results)) summary[became] += 1;
  }
  return summary;
}

interface AttemptOptions {
  readonly channel: Channel;
  readonly signal: AbortSignal;
}

async function attempt(delivery: Delivery, { channel, signal }: AttemptOptions): Promise<Attempt> {
  const { alertId: _, channel: __, attempt: ___, ageSeconds: ____, lostAttempts, ...alert } = delivery;
  if (lostAttempts >= LOST_ATTEMPTS_MAX) {
    const reason = `the process that sent it ended during each of ${LOST_ATTEMPTS_MAX} attempts`;
    return { outcome: { kind: 'refused', reason }, isOfChannel: false };
  }
  const outcome = await send(alert, { channel, signal });
  return { outcome, isOfChannel: !signal.aborted || outcome.kind === 'accepted' };
}

/** Sends an alert through a channel; one that throws is unavailable. */
export async function send(alert: Alert, { channel, signal }: AttemptOptions): Promise<DeliveryOutcome> {
  try {
    return await channel.send(alert, signal);
  } catch (error) {
    return { kind: 'unavailable', reason: error instanceof Error ? error.message : 'the channel failed' };
  }
}

interface Attempt {
  readonly outcome: DeliveryOutcome;
  /** Whether the outcome says something of the channel, and not only of this process or this alert. */
  readonly isOfChannel: boolean;
}

interface Attempted extends Attempt {
  readonly delivery: Delivery;
  readonly channels: readonly AlertRoute[];
  readonly random: () => number;
  readonly at: Date | undefined;
}

async function record(database: Database, attempted: Attempted): Promise<keyof DeliverySummary> {
  const { delivery, outcome, isOfChannel, channels, at } = attempted;
  const { alertId, channel } = delivery;
  const delaySeconds = delaySecondsOf(attempted);
  const state = outcome.kind === 'accepted' ? 'accepted' : delaySeconds === undefined ? 'failed' : 'waiting';
  const reason = outcome.kind === 'accepted' ? null : withoutUrls(outcome.reason);
  await database.transaction(async (tx) => {
    const [recorded] = await tx.query<{ readonly at: Date }>(RECORD, [
      ...[alertId, channel, delivery.attempt, state, reason, delaySeconds ?? 0],
      ...[outcome.kind, at ?? null],
    ]);
    const event = recorded === undefined || !isOfChannel ? undefined : maybeCircuitEvent(outcome, recorded.at);
    if (event === undefined) return;
    const circuit = await recordInCircuit(tx, { channel, event, channels, at });
    if (state === 'waiting') await waitForProbe(tx, delivery, circuit);
  });
  return state === 'waiting' ? 'retrying' : state;
}

/** What an outcome says of the channel; nothing when it only asks for fewer requests. */
function maybeCircuitEvent(outcome: DeliveryOutcome, at: Date): CircuitEvent | undefined {
  if (outcome.kind === 'accepted') return { kind: 'accepted' };
  if (outcome.kind === 'unavailable' && outcome.isThrottled === true) return undefined;
  const isGone = outcome.kind === 'refused' && outcome.isChannelGone === true;
  const retryAfterMs = outcome.kind === 'unavailable' ? (outcome.retryAfterMs ?? 0) : 0;
  return { kind: 'failed', at, error: withoutUrls(outcome.reason), isGone, retryAfterMs };
}

/** While a channel is not used, what waits for it is due with the next probe. */
async function waitForProbe(tx: Queryable, { alertId, channel }: Delivery, { nextProbeAt }: Circuit): Promise<void> {
  if (nextProbeAt === null) return;
  await tx.query('update alert_deliveries set next_attempt_at = $3 where alert_id = $1 and channel = $2', [
    alertId,
    channel,
    nextProbeAt,
  ]);
}

/**
 * Exponential backoff with half of it random, so that many deliveries are spread; never earlier than Retry-After.
 * Undefined when it is not sent again.
 */
function delaySecondsOf({ delivery, outcome, random }: Attempted): number | undefined {
  if (outcome.kind !== 'unavailable') return undefined;
  const longest = Math.min(BACKOFF_FIRST_SECONDS * 2 ** (delivery.attempt - 1), BACKOFF_MAX_SECONDS);
  const asked = (outcome.retryAfterMs ?? 0) / 1000;
  const delaySeconds = Math.max(asked, longest * (0.5 + 0.5 * random()));
  return delivery.ageSeconds + delaySeconds > RETRY_HOURS_MAX * 3600 ? undefined : delaySeconds;
}

const REASON_LENGTH_MAX = 300;

// A custom channel may put its address into an error.
function withoutUrls(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi, '[address withheld]').slice(0, REASON_LENGTH_MAX);
}
