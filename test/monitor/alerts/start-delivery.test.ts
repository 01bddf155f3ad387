import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Channel, type DeliveryLoop, type DeliveryOutcome, raiseAlert, startDelivery } from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { textOf } from '../../postgres/text-of.ts';
import { alertFor } from './results.ts';

let database: Database;
const loops: DeliveryLoop[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate alerts restart identity cascade'));
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
});

/** A channel that answers as told and can be waited for. */
function recorder(...outcomes: readonly DeliveryOutcome[]) {
  const sent: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const channel: Channel = {
    name: 'teams',
    send: async ({ dedupeKey }) => {
      sent.push(dedupeKey);
      for (const { count, resolve } of waiting) if (sent.length >= count) resolve();
      return outcomes[Math.min(sent.length, outcomes.length) - 1] ?? { kind: 'accepted' };
    },
  };
  const reached = (count: number) =>
    sent.length >= count ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ count, resolve }));
  return { channel, sent, reached };
}

/** A clock that only goes when told: the delays asked for, and a way to let the latest pass. */
function manualTimer() {
  const asked: { delayMs: number; callback: () => void; isCancelled: boolean }[] = [];
  const waiting: (() => void)[] = [];
  const after = (delayMs: number, callback: () => void) => {
    const timer = { delayMs, callback, isCancelled: false };
    asked.push(timer);
    for (const resolve of waiting.splice(0)) resolve();
    return () => {
      timer.isCancelled = true;
    };
  };
  const asleep = async (): Promise<number> => {
    for (;;) {
      const timer = asked.at(-1);
      if (timer !== undefined && !timer.isCancelled) return timer.delayMs;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  const pass = (): void => {
    const timer = asked.at(-1);
    if (timer === undefined || timer.isCancelled) throw new Error('Expected a timer that is set.');
    timer.isCancelled = true;
    timer.callback();
  };
  return { after, asleep, pass, asked };
}

function start(
  channels: readonly Channel[],
  effects: Parameters<typeof startDelivery>[2],
  on: Database = database,
): DeliveryLoop {
  const loop = startDelivery(on, channels, effects);
  loops.push(loop);
  return loop;
}
const raise = (dedupeKey: string) =>
  raiseAlert(database, { ...alertFor({}, dedupeKey), channels: [{ name: 'teams' }] });

/** A delay that has passed when it begins. */
function passed(callback: () => void): () => void {
  callback();
  return () => undefined;
}

/** Resolves once everybody who listened before has been told. */
async function announced(work: () => Promise<unknown>): Promise<void> {
  let told = (): void => {};
  const isTold = new Promise<void>((resolve) => {
    told = resolve;
  });
  const stopListening = await database.listen('weir_alerts', told);
  await work();
  await isTold;
  await stopListening();
}

describe('startDelivery', () => {
  it('delivers what was raised before it started, then what is raised later, woken by the database', async () => {
    const { after, asleep } = manualTimer();
    const { channel, sent, reached } = recorder();
    await raise('before');
    start([channel], { after });
    await reached(1);
    await asleep();
    await raise('later');
    await reached(2);
    expect(sent).toEqual(['before', 'later']);
  });

  it('sleeps until the next delivery is due, and five minutes when none is', async () => {
    const timer = manualTimer();
    const { channel, sent, reached } = recorder({ kind: 'unavailable', reason: 'down' }, { kind: 'accepted' });
    await raise('a1');
    // What the database answers when the loop asks how long it may sleep, however long ago the attempt was.
    const answered: { readonly seconds: number }[] = [];
    const query: Database['query'] = async (statement, values) => {
      if (textOf(statement).includes('min(next_attempt_at)'))
        await database.query(
          `update alert_deliveries set next_attempt_at = clock_timestamp() + interval '100 seconds'`,
        );
      const rows = await database.query<never>(statement, values);
      if (textOf(statement).includes('min(next_attempt_at)')) answered.push(...rows);
      return rows;
    };
    start([channel], { after: timer.after }, { ...database, query });
    await reached(1);
    const delayMs = await timer.asleep();
    expect(delayMs).toBe(Number(answered.at(-1)?.seconds) * 1000);
    await database.query('update alert_deliveries set next_attempt_at = clock_timestamp()');
    timer.pass();
    await reached(2);
    expect(await timer.asleep()).toBe(300_000);
    expect(sent).toEqual(['a1', 'a1']);
  });

  it('does not miss an alert raised between its last look and its sleep', async () => {
    const { after } = manualTimer();
    const { channel, sent, reached } = recorder();
    let isRaised = false;
    // The answer that nothing is due is on its way when an alert is raised, and announced.
    const query: Database['query'] = async (statement, values) => {
      const rows = await database.query<never>(statement, values);
      if (textOf(statement).includes('min(next_attempt_at)') && !isRaised) {
        isRaised = true;
        await announced(() => raise('between'));
      }
      return rows;
    };
    start([channel], { after }, { ...database, query });
    await reached(1);
    expect(sent).toEqual(['between']);
  });

  it('continues after the database failed, and says so', async () => {
    const timer = manualTimer();
    const errors: unknown[] = [];
    const { channel, reached } = recorder();
    await database.query('alter table alert_deliveries rename to elsewhere');
    start([channel], { after: timer.after, onError: (error) => errors.push(error) });
    expect(await timer.asleep()).toBe(5000);
    expect(String(errors[0])).toContain('alert_deliveries');
    await database.query('alter table elsewhere rename to alert_deliveries');
    await raise('a1');
    await reached(1);
  });

  it('stops for good: an alert raised later stays owed', async () => {
    const { after, asleep } = manualTimer();
    const { channel, sent } = recorder();
    const loop = start([channel], { after });
    await asleep();
    await loop.stop();
    await raise('a1');
    // The server may end the connection a moment after its client has closed it.
    const listening = () =>
      database.query("select 1 from pg_stat_activity where datname = current_database() and query ilike 'listen%'");
    await expect.poll(listening).toEqual([]);
    expect(sent).toEqual([]);
    expect(await database.query('select state, attempts from alert_deliveries')).toEqual([
      { state: 'waiting', attempts: 0 },
    ]);
  });

  it('does not wait for a channel that hangs longer than the grace', async () => {
    const timer = manualTimer();
    let sending = (): void => {};
    const isSending = new Promise<void>((resolve) => {
      sending = resolve;
    });
    const hanging: Channel = {
      name: 'teams',
      send: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ kind: 'unavailable', reason: 'stopped' }));
          sending();
        }),
    };
    await raise('a1');
    const loop = start([hanging], { after: timer.after });
    await isSending;
    const stopped = loop.stop();
    expect(await timer.asleep()).toBe(2000);
    timer.pass();
    await stopped;
    expect(await database.query('select state, attempts from alert_deliveries')).toEqual([
      { state: 'waiting', attempts: 1 },
    ]);
  });

  it('goes on with the other channels while one hangs', async () => {
    const { after } = manualTimer();
    const { channel, sent, reached } = recorder();
    let hanging = (): void => {};
    const isHanging = new Promise<void>((resolve) => {
      hanging = resolve;
    });
    const hung: Channel = {
      name: 'hung',
      send: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ kind: 'unavailable', reason: 'stopped' }));
          hanging();
        }),
    };
    await raiseAlert(database, { ...alertFor({}, 'a1'), channels: [{ name: 'hung' }, { name: 'teams' }] });
    start([hung, channel], {
      after: (delayMs, callback) => (delayMs === 2000 ? passed(callback) : after(delayMs, callback)),
    });
    await isHanging;
    await raise('a2');
    await reached(2);
    expect(sent).toEqual(['a1', 'a2']);
  });

  it('asks nothing of the database without channels', async () => {
    const { after } = manualTimer();
    const asked: string[] = [];
    const silent: Database = {
      ...database,
      query: async (statement) => {
        asked.push(textOf(statement));
        return [];
      },
      transaction: () => {
        asked.push('transaction');
        return Promise.reject(new Error('Expected no transaction.'));
      },
      listen: async (channel) => {
        asked.push(`listen ${channel}`);
        return async () => undefined;
      },
    };
    await raise('a1');
    await start([], { after }, silent).stop();
    expect(asked).toEqual([]);
  });
});
