import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Channel,
  type DeliveryOutcome,
  deliverAlerts,
  listAlerts,
  raiseAlert,
  teamsChannel,
  webhookChannel,
} from '#monitor';
import type { Database } from '#store';
import { toTeamsMessage } from '../../../src/monitor/alerts/channels/teams-card.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { programFile } from '../../programs/programs.ts';
import { alertFor } from './results.ts';
import { type Answer, type Stub, startStub } from './teams-stub.ts';

let database: Database;
const stubs: Stub[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate alerts, alert_channels restart identity cascade'));
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()));
});

async function stubbed(...answers: readonly Answer[]): Promise<{ stub: Stub; teams: Channel }> {
  const stub = await startStub(...answers);
  stubs.push(stub);
  return { stub, teams: teamsChannel({ url: stub.url }) };
}

const raise = (dedupeKey = 'a1', channels: readonly string[] = ['teams']) =>
  raiseAlert(database, { ...alertFor({}, dedupeKey), channels: channels.map((name) => ({ name })) });

async function deliveries() {
  const { items } = await listAlerts(database, { limit: 200 });
  return items.flatMap((alert) => alert.deliveries);
}

/** Seconds from now until each waiting delivery is due. */
async function dueSeconds(): Promise<readonly number[]> {
  const rows = await database.query<{ seconds: number }>(
    'select extract(epoch from next_attempt_at - updated_at)::float8 as seconds from alert_deliveries order by alert_id',
  );
  return rows.map(({ seconds }) => seconds);
}

const makeDue = () => database.query('update alert_deliveries set next_attempt_at = clock_timestamp()');
/** As if nothing had been tried yet. */
const beginAgain = async () => {
  await database.query('truncate alert_attempts');
  await database.query('update alert_deliveries set attempts = 0, next_attempt_at = clock_timestamp()');
};
const longest = { random: () => 1 };

describe('deliverAlerts', () => {
  it('sends an Adaptive Card that Teams takes, once', async () => {
    const { stub, teams } = await stubbed({ status: 202 });
    await raise();
    expect(await deliverAlerts(database, [teams])).toEqual({ accepted: 1, failed: 0, retrying: 0 });
    expect(await deliverAlerts(database, [teams])).toEqual({ accepted: 0, failed: 0, retrying: 0 });
    expect(stub.received.map(({ faults, contentType }) => [faults, contentType])).toEqual([
      [[], 'application/json; charset=utf-8'],
    ]);
    expect(await deliveries()).toEqual([{ channel: 'teams', state: 'accepted', attempts: 1, lastError: null }]);
  });

  it.each([200, 201, 202, 204])('takes HTTP %i as accepted, whatever the body says', async (status) => {
    const { teams } = await stubbed({
      status,
      ...(status === 204 ? {} : { body: 'Webhook message delivery failed with error' }),
    });
    await raise();
    expect(await deliverAlerts(database, [teams])).toMatchObject({ accepted: 1 });
  });

  it.each([400, 401, 403, 404, 408, 410, 413, 302])('gives up at once on HTTP %i', async (status) => {
    const { stub, teams } = await stubbed({ status, headers: { location: '/elsewhere', 'retry-after': '1' } });
    await raise();
    expect(await deliverAlerts(database, [teams])).toEqual({ accepted: 0, failed: 1, retrying: 0 });
    await makeDue();
    await deliverAlerts(database, [teams]);
    expect(stub.received).toHaveLength(1);
    expect(await deliveries()).toEqual([
      { channel: 'teams', state: 'failed', attempts: 1, lastError: `the webhook answered HTTP ${status}` },
    ]);
  });

  it.each([429, 500, 502, 503, 504])('tries again later after HTTP %i', async (status) => {
    const { stub, teams } = await stubbed({ status }, { status: 202 });
    await raise();
    expect(await deliverAlerts(database, [teams])).toEqual({ accepted: 0, failed: 0, retrying: 1 });
    expect(await deliverAlerts(database, [teams])).toEqual({ accepted: 0, failed: 0, retrying: 0 });
    await makeDue();
    expect(await deliverAlerts(database, [teams])).toMatchObject({ accepted: 1 });
    expect(new Set(stub.received.map(({ body }) => body)).size).toBe(1);
    expect(await deliveries()).toEqual([{ channel: 'teams', state: 'accepted', attempts: 2, lastError: null }]);
  });

  it('tries again after a network error, and names it without the address', async () => {
    const { stub, teams } = await stubbed({ status: 0, hangUp: true });
    await raise();
    expect(await deliverAlerts(database, [teams])).toMatchObject({ retrying: 1 });
    await stub.close();
    await makeDue();
    expect(await deliverAlerts(database, [teams])).toMatchObject({ retrying: 1 });
    expect((await deliveries())[0]?.lastError).toBe('network error ECONNREFUSED');
  });

  it('waits longer each time, by half at random, up to a quarter of an hour', async () => {
    const { teams } = await stubbed({ status: 503 });
    await raise();
    const waited: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await makeDue();
      await deliverAlerts(database, [teams], longest);
      waited.push(Math.round((await dueSeconds())[0] ?? 0));
    }
    expect(waited).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900]);
    await beginAgain();
    await deliverAlerts(database, [teams], { random: () => 0 });
    expect((await dueSeconds())[0]).toBeCloseTo(2.5, 1);
  });

  it('gives up after a day', async () => {
    const { stub, teams } = await stubbed({ status: 503 });
    const raisedAt = new Date('2026-03-01T10:00:00Z');
    await raiseAlert(database, { ...alertFor(), channels: [{ name: 'teams' }], at: raisedAt });
    const tryAfterHours = (hours: number) =>
      deliverAlerts(database, [teams], { now: () => new Date(raisedAt.getTime() + hours * 3_600_000) });
    expect(await tryAfterHours(0)).toMatchObject({ retrying: 1 });
    expect(await tryAfterHours(23.9)).toMatchObject({ retrying: 1 });
    expect(await tryAfterHours(24.1)).toEqual({ accepted: 0, failed: 0, retrying: 0 });
    expect(stub.received).toHaveLength(2);
    expect(await deliveries()).toEqual([
      {
        ...{ channel: 'teams', state: 'failed', attempts: 2 },
        lastError: 'the webhook answered HTTP 503; given up after 24 hours',
      },
    ]);
  });

  it('waits as long as Retry-After asks, in seconds or as a date, within an hour', async () => {
    const now = Date.parse('2026-03-01T10:00:00Z');
    const asked = ['120', 'Sun, 01 Mar 2026 10:05:00 GMT', '86400', '1', 'soon'];
    const { stub } = await stubbed(...asked.map((header) => ({ status: 429, headers: { 'retry-after': header } })));
    const teams = teamsChannel({ url: stub.url }, { now: () => now });
    const waited: number[] = [];
    await raise();
    for (const _ of asked) {
      await beginAgain();
      await deliverAlerts(database, [teams], longest);
      waited.push(Math.round((await dueSeconds())[0] ?? 0));
    }
    expect(waited).toEqual([120, 300, 3600, 5, 5]);
  });

  it('keeps channels apart: one that fails does not hold up the other', async () => {
    const { teams } = await stubbed({ status: 503 });
    const { stub } = await stubbed({ status: 200 });
    await raise('a1', ['teams', 'webhook']);
    expect(await deliverAlerts(database, [teams, webhookChannel({ url: stub.url })])).toEqual({
      accepted: 1,
      failed: 0,
      retrying: 1,
    });
    expect(JSON.parse(stub.received[0]?.body ?? '')).toEqual({ ...alertFor({}, 'a1'), state: 'firing' });
  });

  it('leaves alone what goes through a channel it was not given', async () => {
    const { teams } = await stubbed({ status: 202 });
    await raise('a1', ['mail']);
    expect(await deliverAlerts(database, [teams])).toEqual({ accepted: 0, failed: 0, retrying: 0 });
    expect(await deliveries()).toMatchObject([{ state: 'waiting', attempts: 0 }]);
  });

  it('passes by what another process is just claiming', async () => {
    const { stub, teams } = await stubbed({ status: 202 });
    await raise('a1');
    await raise('a2');
    await database.transaction(async (tx) => {
      await tx.query(
        "select from alert_deliveries join alerts on id = alert_id where dedupe_key = 'a1' for update of alert_deliveries",
      );
      expect(await deliverAlerts(database, [teams])).toMatchObject({ accepted: 1 });
    });
    expect(stub.received.map(({ body }) => body)).toEqual([toTeamsMessage(alertFor({}, 'a2'))]);
  });

  it('sends each alert once though four deliver at the same time', async () => {
    const { stub, teams } = await stubbed({ status: 202 });
    for (let number = 0; number < 25; number += 1) await raise(`a${number}`);
    const passes = await Promise.all(Array.from({ length: 4 }, () => deliverAlerts(database, [teams])));
    expect(passes.reduce((total, { accepted }) => total + accepted, 0)).toBe(25);
    expect(stub.received).toHaveLength(25);
    expect(new Set(stub.received.map(({ body }) => body)).size).toBe(25);
  });
});

describe('a delivery whose sender dies', () => {
  /** A channel that never comes back, as seen from a process that is killed while it waits. */
  const dying = (): { channel: Channel; sending: Promise<void> } => {
    let started = (): void => {};
    const sending = new Promise<void>((resolve) => {
      started = resolve;
    });
    const send = (): Promise<DeliveryOutcome> => {
      started();
      return new Promise(() => {});
    };
    return { channel: { name: 'teams', send }, sending };
  };

  it('is delivered by another process after SIGKILL in the middle of a request', async () => {
    let arrived = (): void => {};
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { stub, teams } = await stubbed({ status: 0, hang: () => arrived() }, { status: 202 });
    await raise();
    const child = spawn(process.execPath, [programFile('deliver-child'), database.url, stub.url], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await hasArrived;
    child.kill('SIGKILL');
    expect(await exited).toBe('SIGKILL');
    expect(await deliveries()).toEqual([{ channel: 'teams', state: 'waiting', attempts: 1, lastError: null }]);
    await makeDue();
    expect(await deliverAlerts(database, [teams])).toMatchObject({ accepted: 1 });
    // What the dead process sent may have been seen: at least once is what can be promised.
    expect(stub.received.map(({ body }) => body)).toEqual(
      Array.from({ length: 2 }, () => toTeamsMessage(alertFor({}, 'a1'))),
    );
  });

  it('is out of reach while it may still be sending, and comes up again after', async () => {
    const { stub, teams } = await stubbed({ status: 202 });
    await raise();
    const { channel, sending } = dying();
    void deliverAlerts(database, [channel]);
    await sending;
    expect(await deliverAlerts(database, [teams])).toMatchObject({ accepted: 0 });
    expect(Math.round((await dueSeconds())[0] ?? 0)).toBe(60);
    await makeDue();
    expect(await deliverAlerts(database, [teams])).toMatchObject({ accepted: 1 });
    expect([stub.received.length, await deliveries()]).toEqual([
      1,
      [{ channel: 'teams', state: 'accepted', attempts: 2, lastError: null }],
    ]);
  });

  it.each([
    [202, 'accepted', null],
    [503, 'waiting', 'the webhook answered HTTP 503'],
  ])('does not change what its successor recorded after HTTP %i', async (status, state, lastError) => {
    const { teams } = await stubbed({ status });
    await raise();
    let answer = (_: DeliveryOutcome): void => {};
    let started = (): void => {};
    const sending = new Promise<void>((resolve) => {
      started = resolve;
    });
    const slow: Channel = {
      name: 'teams',
      send: () =>
        new Promise((resolve) => {
          answer = resolve;
          started();
        }),
    };
    const late = deliverAlerts(database, [slow]);
    await sending;
    await makeDue();
    await deliverAlerts(database, [teams]);
    answer({ kind: 'refused', reason: 'too late' });
    await late;
    expect(await deliveries()).toEqual([{ channel: 'teams', state, attempts: 2, lastError }]);
  });

  it('is given up when it has taken every sender with it', async () => {
    const { stub, teams } = await stubbed({ status: 202 });
    await raise();
    await database.query('update alert_deliveries set attempts = 10');
    await database.query(`insert into alert_attempts (alert_id, channel, attempt, started_at)
      select alert_id, channel, number, clock_timestamp() from alert_deliveries, generate_series(1, 10) as number`);
    expect(await deliverAlerts(database, [teams])).toMatchObject({ failed: 1 });
    expect(stub.received).toHaveLength(0);
    expect((await deliveries())[0]?.lastError).toBe('the process that sent it ended during each of 10 attempts');
  });
});

describe('the address of a webhook', () => {
  it('is nowhere in the database, nor in the channel, whatever goes wrong', async () => {
    const { stub, teams } = await stubbed({ status: 500, headers: { location: 'http://127.0.0.1/?sig=top-secret' } });
    const leaking: Channel = {
      name: 'mine',
      send: () => Promise.reject(new Error(`cannot post to ${stub.url}: refused`)),
    };
    await raise('a1', ['teams', 'mine']);
    await deliverAlerts(database, [teams, leaking]);
    const stored = JSON.stringify(await database.query('select * from alerts, alert_deliveries'));
    expect(stored).toContain('cannot post to [address withheld] refused');
    expect(stored).not.toContain('top-secret');
    expect(JSON.stringify(teams)).toBe('{"name":"teams"}');
  });

  it('is not repeated when it is refused', () => {
    expect(() => teamsChannel({ url: 'ftp://host/?sig=top-secret' })).toThrow(
      /^Expected an http\(s\) address for the channel teams, got something else/,
    );
    expect(() => webhookChannel({ url: 'top-secret' })).toThrow(/not shown: it is a secret/);
  });
});
