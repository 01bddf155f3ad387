import { randomUUID } from 'node:crypto';
import type { Database } from '#store';
import { MonitorError } from '../errors.ts';
import type { Alert } from './alert.ts';
import type { Channel, DeliveryOutcome } from './channels/channel.ts';
import { recordInCircuit } from './circuit-records.ts';
import { send } from './deliver.ts';

export interface TestOptions {
  /** Name of the channel. */
  readonly channel: string;
  /** All configured channels. */
  readonly channels: readonly Channel[];
}

export interface TestEffects {
  /** Milliseconds of a clock that is never set. */
  elapsed(): number;
  /** An id that no other test has. */
  id(): string;
  readonly signal: AbortSignal;
}

/** What came of a test message. */
export interface TestResult {
  readonly channel: string;
  readonly outcome: DeliveryOutcome['kind'];
  readonly reason: string | null;
  readonly durationMs: number;
}

/**
 * Sends a test message through a channel now, past its circuit breaker, and says what came of it. An accepted one closes
 * the circuit, so that alerts that wait for a repaired channel are sent at once; another one changes nothing.
 */
export async function sendTest(
  database: Database,
  { channel: name, channels }: TestOptions,
  effects: Partial<TestEffects> = {},
): Promise<TestResult> {
  const { elapsed = () => performance.now(), id = randomUUID, signal = new AbortController().signal } = effects;
  const channel = channels.find((each) => each.name === name);
  if (channel === undefined) throw unknownChannel(name, channels);
  const startedMs = elapsed();
  const firing = testAlert(name, id());
  const outcome = await send(firing, { channel, signal });
  const durationMs = elapsed() - startedMs;
  if (outcome.kind !== 'accepted') return { channel: name, outcome: outcome.kind, reason: outcome.reason, durationMs };
  // So that no incident stays open, about which there is nothing to do.
  if (channel.keepsIncidents === true) await send({ ...firing, state: 'resolved' }, { channel, signal });
  await database.transaction((tx) => recordInCircuit(tx, { channel: name, event: { kind: 'accepted' }, channels }));
  return { channel: name, outcome: 'accepted', reason: null, durationMs };
}

function testAlert(channel: string, id: string): Alert {
  return {
    dedupeKey: `test/${channel}/${id}`,
    kind: 'test',
    criticality: 'low',
    state: 'firing',
    title: 'Test message of Weir',
    summary: 'Alerts for this channel arrive here. There is no problem and nothing to do.',
    facts: [{ title: 'Channel', value: channel }],
    link: null,
  };
}

function unknownChannel(name: string, channels: readonly Channel[]): MonitorError {
  const names = channels.map((channel) => channel.name).join(', ');
  return new MonitorError(
    'alert_channel_unknown',
    `Expected one of the alert channels of the settings (${names || 'there is none: see alerts.channels'}); got ${JSON.stringify(name)}.`,
  );
}
