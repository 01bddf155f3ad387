import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Channel, type DeliveryOutcome, deliverAlerts, listAlerts, listDeadChannels, raiseAlert } from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { alertFor } from './results.ts';

let database: Database;
let nowMs = 0;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T10:00:00Z');
  await database.query('truncate alerts, alert_channels restart identity cascade');
});

const clock = { now: () => new Date(nowMs), random: () => 1 };
const pass = (seconds: number): void => {
  nowMs += seconds * 1000;
};
const DOWN: DeliveryOutcome = { kind: 'unavailable', reason: 'network error ECONNREFUSED' };
const GONE: DeliveryOutcome = { kind: 'refused', reason: 'the webhook answered HTTP 404', isChannelGone: true };

/** A channel that answers as it is set, and keeps the titles of what it was sent. */
function channelOf(name: string, route: Partial<Channel> = {}) {
  const sent: string[] = [];
  const channel = {
    ...route,
    name,
    outcome: { kind: 'accepted' } as DeliveryOutcome,
    sent,
    send: async ({ title }: { readonly title: string }): Promise<DeliveryOutcome> => {
      sent.push(title);
      return channel.outcome;
    },
  };
  return channel;
}

const raise = (dedupeKey: string, channels: readonly Channel[]) =>
  raiseAlert(database, { ...alertFor({}, dedupeKey), title: dedupeKey, channels, at: clock.now() });

/** Delivers again and again, as a server does that is woken when something is due. */
async function live(seconds: number, channels: readonly Channel[]): Promise<void> {
  const everySeconds = seconds > 600 ? 60 : 10;
  for (let passed = 0; passed < seconds; passed += everySeconds) {
    pass(everySeconds);
    await deliverAlerts(database, channels, clock);
  }
}

describe('a channel that stops accepting alerts', () => {
  it('raises one alert through the others, and one notice when it accepts alerts again', async () => {
    const [chat, mail] = [channelOf('chat'), channelOf('mail')];
    chat.outcome = DOWN;
    await raise('a1', [chat, mail]);
    await live(600, [chat, mail]);
    expect(mail.sent).toEqual(['a1', 'Alerts do not reach the channel chat']);
    expect(await listDeadChannels(database)).toMatchObject([{ channel: 'chat', waiting: 1 }]);
    chat.outcome = { kind: 'accepted' };
    await live(960, [chat, mail]);
    expect(mail.sent.slice(2)).toEqual(['The channel chat accepts alerts again']);
    expect(chat.sent.at(-1)).toBe('a1');
    expect(await listDeadChannels(database)).toEqual([]);
    const { items } = await listAlerts(database, { limit: 10 });
    expect(items.map(({ kind, state }) => [kind, state])).toEqual([
      ['delivery', 'resolved'],
      ['delivery', 'firing'],
      ['data-quality', 'firing'],
    ]);
  });

  it('gets one probe while alerts for it wait, and all of them when it accepts alerts again', async () => {
    const chat = channelOf('chat');
    chat.outcome = GONE;
    await raise('a0', [chat]);
    await live(10, [chat]);
    for (let number = 1; number <= 30; number += 1) await raise(`a${number}`, [chat]);
    chat.outcome = DOWN;
    await live(30, [chat]);
    expect(chat.sent).toHaveLength(2);
    await live(2 * 3600, [chat]);
    // A quarter of an hour apart, however many alerts wait.
    expect(chat.sent.length).toBeLessThan(20);
    chat.outcome = { kind: 'accepted' };
    const before = chat.sent.length;
    await live(960, [chat]);
    expect(chat.sent.slice(before).sort()).toEqual(Array.from({ length: 30 }, (_, index) => `a${index + 1}`).sort());
  });

  it('is probed by one of many processes', async () => {
    const chat = channelOf('chat');
    chat.outcome = GONE;
    await raise('a0', [chat]);
    await live(10, [chat]);
    for (let number = 1; number <= 5; number += 1) await raise(`a${number}`, [chat]);
    chat.outcome = DOWN;
    pass(60);
    await Promise.all(Array.from({ length: 4 }, () => deliverAlerts(database, [chat], clock)));
    expect(chat.sent).toHaveLength(2);
  });

  it('is probed again when the process of a probe ended', async () => {
    const chat = channelOf('chat');
    chat.outcome = GONE;
    await raise('a0', [chat]);
    await live(10, [chat]);
    await raise('a1', [chat]);
    pass(60);
    let sending = (): void => {};
    const isSending = new Promise<void>((resolve) => {
      sending = resolve;
    });
    const dying: Channel = {
      name: 'chat',
      send: () => {
        sending();
        return new Promise(() => {});
      },
    };
    void deliverAlerts(database, [dying], clock);
    await isSending;
    chat.outcome = { kind: 'accepted' };
    expect(await deliverAlerts(database, [chat], clock)).toMatchObject({ accepted: 0 });
    pass(61);
    expect(await deliverAlerts(database, [chat], clock)).toMatchObject({ accepted: 1 });
    expect(await listDeadChannels(database)).toEqual([]);
  });

  it('raises its alert once though many processes see it fail', async () => {
    const [chat, mail] = [channelOf('chat'), channelOf('mail')];
    chat.outcome = GONE;
    for (let number = 0; number < 40; number += 1) await raise(`a${number}`, [chat]);
    pass(1);
    await Promise.all(Array.from({ length: 4 }, () => deliverAlerts(database, [chat, mail], clock)));
    await deliverAlerts(database, [chat, mail], clock);
    expect(mail.sent).toEqual(['Alerts do not reach the channel chat']);
  });

  it('reaches people though no other channel takes alerts of its kind', async () => {
    const [chat, mail] = [channelOf('chat'), channelOf('mail', { kinds: ['drift'] })];
    chat.outcome = GONE;
    await raise('a1', [chat]);
    await live(20, [chat, mail]);
    expect(mail.sent).toEqual(['Alerts do not reach the channel chat']);
  });

  it('does not hold up another: a channel that hangs, and one that is asked for less', async () => {
    const mail = channelOf('mail');
    const hanging: Channel = { name: 'chat', send: () => new Promise(() => {}) };
    const busy = channelOf('busy');
    busy.outcome = { kind: 'unavailable', reason: 'the webhook answered HTTP 429', isThrottled: true };
    await raise('a1', [hanging, mail, busy]);
    void deliverAlerts(database, [hanging, mail, busy], clock);
    await expect.poll(() => mail.sent).toEqual(['a1']);
    await live(600, [busy, mail]);
    expect(mail.sent).toEqual(['a1']);
  });

  it('keeps every attempt with its time and outcome, also one whose process ended', async () => {
    const chat = channelOf('chat');
    chat.outcome = DOWN;
    await raise('a1', [chat]);
    await deliverAlerts(database, [chat], clock);
    void deliverAlerts(database, [{ name: 'chat', send: () => new Promise(() => {}) }], {
      ...clock,
      now: () => new Date(nowMs + 30_000),
    });
    await expect
      .poll(() => database.query('select count(*)::integer as count from alert_attempts'))
      .toEqual([{ count: 2 }]);
    chat.outcome = { kind: 'accepted' };
    pass(120);
    await deliverAlerts(database, [chat], clock);
    const attempts = await database.query('select attempt, outcome, error from alert_attempts order by attempt');
    expect(attempts).toEqual([
      { attempt: 1, outcome: 'unavailable', error: 'network error ECONNREFUSED' },
      { attempt: 2, outcome: null, error: null },
      { attempt: 3, outcome: 'accepted', error: null },
    ]);
  });
});
