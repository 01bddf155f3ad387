import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { type Alert, type DeliveryOutcome, deliverAlerts, raiseAlert } from '#monitor';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { ask, createWorld, type World } from './world.ts';

let world: World;
let outcome: DeliveryOutcome;
let sent: Alert[] = [];
const send = async (alert: Alert): Promise<DeliveryOutcome> => {
  sent.push(alert);
  return outcome;
};
const channels = [
  { name: 'chat', kind: 'slack', criticality: 'high', kinds: ['drift'], send },
  { name: 'oncall', kind: 'pagerduty', keepsIncidents: true, send },
] as const;

beforeAll(async () => {
  world = await createWorld({ database: await createTestDatabase(), alertChannels: channels });
});
afterAll(() => world.close());
beforeEach(async () => {
  outcome = { kind: 'accepted' };
  sent = [];
  await world.database.query('truncate alerts, alert_channels restart identity cascade');
});

const test = (channel: string) => ask(world, routes.testAlertChannel, { params: { channel } });
const delivery = async () => (await ask(world, routes.health)).json.checks.delivery;
const listed = async () => (await ask(world, routes.alertChannels)).json.items;
const alert: Alert = {
  ...{
    dedupeKey: 'a1',
    kind: 'drift',
    criticality: 'high',
    title: 'Drift',
    summary: 'It drifts.',
    facts: [],
    link: null,
  },
};

describe('alert channels over HTTP', () => {
  it('are listed with which alerts they get and whether they work', async () => {
    const works = {
      state: 'closed',
      failures: 0,
      failingSince: null,
      openedAt: null,
      nextProbeAt: null,
      lastError: null,
    };
    expect(await listed()).toEqual([
      {
        name: 'chat',
        kind: 'slack',
        criticality: 'high',
        kinds: ['drift'],
        ...works,
        waiting: 0,
        lastAcceptedAt: null,
      },
      { name: 'oncall', kind: 'pagerduty', criticality: 'low', kinds: [], ...works, waiting: 0, lastAcceptedAt: null },
    ]);
  });

  it('get a test message that is in no list of alerts', async () => {
    expect((await test('chat')).json).toMatchObject({ channel: 'chat', outcome: 'accepted', reason: null });
    expect(sent.map(({ title, state }) => [title, state])).toEqual([['Test message of Weir', 'firing']]);
    expect((await ask(world, routes.alerts)).json.items).toEqual([]);
  });

  it('leave no incident open after a test', async () => {
    await test('oncall');
    expect(sent.map(({ state }) => state)).toEqual(['firing', 'resolved']);
    expect(new Set(sent.map(({ dedupeKey }) => dedupeKey)).size).toBe(1);
  });

  it('say why a test message was not accepted', async () => {
    outcome = { kind: 'refused', reason: 'the webhook answered HTTP 404', isChannelGone: true };
    expect((await test('chat')).json).toMatchObject({ outcome: 'refused', reason: 'the webhook answered HTTP 404' });
  });

  it('are reported by health while dead, and used again at once when a repaired one accepts a test message', async () => {
    outcome = { kind: 'refused', reason: 'the webhook answered HTTP 404', isChannelGone: true };
    await raiseAlert(world.database, { ...alert, dedupeKey: 'a0', channels: [{ name: 'chat' }] });
    await deliverAlerts(world.database, [channels[0]]);
    await raiseAlert(world.database, { ...alert, channels: [{ name: 'chat' }] });
    await deliverAlerts(world.database, [channels[0]]);
    expect((await listed())[0]).toMatchObject({
      state: 'open',
      failures: 1,
      waiting: 1,
      lastError: 'the webhook answered HTTP 404',
    });
    expect(await delivery()).toMatchObject({ ok: false, detail: 'No alert reaches chat; see Alerts.' });
    outcome = { kind: 'accepted' };
    await test('chat');
    expect(await delivery()).not.toMatchObject({ detail: expect.stringContaining('No alert reaches') });
    expect((await listed())[0]).toMatchObject({ state: 'closed', waiting: 1 });
    expect(await deliverAlerts(world.database, [channels[0]])).toMatchObject({ accepted: 1 });
  });

  it('refuse a name that no channel has, and say which there are', async () => {
    expect(await test('fax')).toMatchObject({
      status: 404,
      json: { code: 'alert_channel_unknown', detail: expect.stringContaining('(chat, oncall); got "fax"') },
    });
  });
});

describe('the attempts of an alert over HTTP', () => {
  it('are all listed with time, duration and outcome', async () => {
    outcome = { kind: 'unavailable', reason: 'network error ECONNREFUSED' };
    const at = (second: number) => new Date(Date.parse('2026-03-01T10:00:00Z') + second * 1000);
    const { id } = await raiseAlert(world.database, { ...alert, at: at(0), channels: [{ name: 'chat' }] });
    await deliverAlerts(world.database, [channels[0]], { now: () => at(1) });
    outcome = { kind: 'accepted' };
    await deliverAlerts(world.database, [channels[0]], { now: () => at(60) });
    const asked = (query: Readonly<Record<string, string>>) =>
      ask(world, routes.alertAttempts, { params: { id }, query });
    const first = (await asked({ limit: '1' })).json;
    const second = (await asked({ limit: '1', cursor: first.nextCursor })).json;
    const common = { channel: 'chat', durationMs: 0 };
    expect([...first.items, ...second.items]).toEqual([
      {
        ...common,
        attempt: 2,
        startedAt: at(60).toISOString(),
        endedAt: at(60).toISOString(),
        outcome: 'accepted',
        error: null,
      },
      {
        ...{ ...common, attempt: 1, startedAt: at(1).toISOString(), endedAt: at(1).toISOString() },
        ...{ outcome: 'unavailable', error: 'network error ECONNREFUSED' },
      },
    ]);
    expect(second.nextCursor).toBeNull();
  });

  it('are refused for an alert that there is not', async () => {
    expect(await ask(world, routes.alertAttempts, { params: { id: '404' } })).toMatchObject({
      status: 404,
      json: { code: 'alert_unknown' },
    });
  });
});
