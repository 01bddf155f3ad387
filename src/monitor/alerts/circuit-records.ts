import type { Queryable } from '#store';
import { deadChannelAlert, restoredChannelAlert } from './channel-alerts.ts';
import { type Circuit, type CircuitEvent, CLOSED, nextCircuit } from './circuit.ts';
import { ALERTS_NOTIFICATION, raiseAlert } from './raise.ts';
import { type AlertRoute, routesAround } from './route.ts';

/** A channel whose circuit is not closed: alerts for it wait. */
export interface DeadChannel {
  readonly channel: string;
  readonly since: Date;
  /** Attempts in a row that failed. */
  readonly failures: number;
  readonly lastError: string;
  /** Alerts that wait for it. */
  readonly waiting: number;
  readonly nextProbeAt: Date;
}

const COLUMNS = `state, failures, failing_since as "failingSince", opened_at as "openedAt",
  next_probe_at as "nextProbeAt", last_error as "lastError"`;

const STORE = `
  update alert_channels
     set state = $2, failures = $3, failing_since = $4, opened_at = $5, next_probe_at = $6, last_error = $7
   where name = $1`;

export interface CircuitUpdate {
  readonly channel: string;
  readonly event: CircuitEvent;
  /** All configured channels: when this one opens or closes, the others get an alert. */
  readonly channels: readonly AlertRoute[];
  /** When it happened; now unless given. */
  readonly at?: Date | undefined;
}

/** Records an outcome in the circuit of its channel, and raises the alert of a change. Returns the new circuit. */
export async function recordInCircuit(
  tx: Queryable,
  { channel, event, channels, at }: CircuitUpdate,
): Promise<Circuit> {
  if (event.kind === 'failed')
    await tx.query('insert into alert_channels (name) values ($1) on conflict do nothing', [channel]);
  // Locked, so that of many processes one opens or closes it.
  const [before = CLOSED] = await tx.query<Circuit>(
    `select ${COLUMNS} from alert_channels where name = $1 for update`,
    [channel],
  );
  const { circuit, change } = nextCircuit(before, event);
  if (before.failures === 0 && circuit.failures === 0) return circuit;
  const { state, failures, failingSince, openedAt, nextProbeAt, lastError } = circuit;
  await tx.query(STORE, [channel, state, failures, failingSince, openedAt, nextProbeAt, lastError]);
  const others = routesAround(channel, channels);
  const when = at === undefined ? {} : { at };
  if (change === 'opened') await raiseAlert(tx, { ...deadChannelAlert(channel, circuit), channels: others, ...when });
  if (change === 'closed') {
    await raiseAlert(tx, { ...restoredChannelAlert(channel, before), channels: others, ...when });
    // What waits for the channel may be sent now, by a process that sleeps until the next probe.
    await tx.query('select pg_notify($1, $2)', [ALERTS_NOTIFICATION, channel]);
  }
  return circuit;
}

/** Channels that have stopped accepting alerts, by name. */
export async function listDeadChannels(database: Queryable): Promise<readonly DeadChannel[]> {
  return database.query<DeadChannel>(`
    select name as channel, opened_at as since, failures, last_error as "lastError", next_probe_at as "nextProbeAt",
           (select count(*)::integer from alert_deliveries where channel = name and alert_deliveries.state = 'waiting') as waiting
      from alert_channels
     where state <> 'closed'
     order by name`);
}
