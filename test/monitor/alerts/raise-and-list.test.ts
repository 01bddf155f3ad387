import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alerts as answerSchema } from '#api';
import { listAlerts, raiseAlert } from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { alertFor } from './results.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate alerts restart identity cascade'));

const named = (channels: readonly string[]) => channels.map((name) => ({ name }));
const raise = (dedupeKey: string, channels: readonly string[] = ['teams', 'webhook']) =>
  raiseAlert(database, { ...alertFor({}, dedupeKey), channels: named(channels) });

describe('raiseAlert', () => {
  it('writes the alert and a waiting delivery for each channel', async () => {
    const { id, raised } = await raise('a1');
    expect(raised).toBe(true);
    const { items } = await listAlerts(database, { limit: 10 });
    const { dedupeKey: _, ...alert } = alertFor({}, 'a1');
    expect(items).toEqual([
      {
        ...alert,
        ...{ state: 'firing', ruleName: null, group: null, runId: null },
        id,
        createdAt: expect.stringMatching(/Z$/),
        deliveries: ['teams', 'webhook'].map((channel) => ({
          channel,
          state: 'waiting',
          attempts: 0,
          lastError: null,
        })),
      },
    ]);
  });

  it('changes nothing when the same alert is raised again', async () => {
    const first = await raise('a1');
    await database.query("update alert_deliveries set state = 'accepted', attempts = 1");
    expect(
      await raiseAlert(database, { ...alertFor({}, 'a1'), title: 'another', channels: named(['teams', 'mail']) }),
    ).toEqual({
      id: first.id,
      raised: false,
    });
    const { items } = await listAlerts(database, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(items[0]?.title).toBe('Data problems in titanic_017.csv');
    expect(items[0]?.deliveries.map(({ channel, state }) => [channel, state])).toEqual([
      ['teams', 'accepted'],
      ['webhook', 'accepted'],
    ]);
  });

  it('raises once when many raise at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => raise('a1')));
    expect(results.filter(({ raised }) => raised)).toHaveLength(1);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(await database.query('select count(*)::integer as count from alert_deliveries')).toEqual([{ count: 2 }]);
  });

  it('leaves nothing of a transaction that is rolled back', async () => {
    const work = database.transaction(async (tx) => {
      await raiseAlert(tx, { ...alertFor({}, 'a1'), channels: named(['teams']) });
      throw new Error('crash');
    });
    await expect(work).rejects.toThrow('crash');
    expect((await listAlerts(database, { limit: 10 })).items).toEqual([]);
  });

  it('is only shown when no channel is configured, and owes one delivery to a channel named twice', async () => {
    await raise('a1', []);
    await raise('a2', ['teams', 'teams']);
    const { items } = await listAlerts(database, { limit: 10 });
    expect(items.map(({ deliveries }) => deliveries.length)).toEqual([1, 0]);
  });

  it('keeps which problem it is about, and which rule found it', async () => {
    const about = { state: 'resolved', incidentKey: 'i1', ruleName: 'no-file', group: 'data' } as const;
    const at = new Date('2026-03-01T10:00:00Z');
    await raiseAlert(database, { ...alertFor(), ...about, at, channels: [] });
    const { items } = await listAlerts(database, { limit: 1 });
    expect(items).toMatchObject([
      { state: 'resolved', ruleName: 'no-file', group: 'data', createdAt: at.toISOString() },
    ]);
    expect(await database.query('select incident_key from alerts')).toEqual([{ incident_key: 'i1' }]);
  });

  it('goes to the channels that take its kind and its criticality', async () => {
    const channels = [
      { name: 'everything' },
      { name: 'high-only', criticality: 'high' },
      { name: 'from-medium', criticality: 'medium' },
      { name: 'drift-only', kinds: ['drift'] },
      { name: 'data', criticality: 'low', kinds: ['drift', 'data-quality'] },
    ] as const;
    await raiseAlert(database, { ...alertFor(), channels });
    const { items } = await listAlerts(database, { limit: 1 });
    expect(items[0]?.deliveries.map(({ channel }) => channel)).toEqual(['data', 'everything', 'from-medium']);
  });

  it('keeps texts that PostgreSQL would refuse', async () => {
    const facts = [
      { title: 'f\0', value: 'cut \ud83d' },
      { title: 'written out', value: '\\u0000' },
    ];
    await raiseAlert(database, { ...alertFor({}, 'a\0'), title: 'a\0b\udc00', facts, channels: [] });
    const { items } = await listAlerts(database, { limit: 1 });
    expect([items[0]?.title, items[0]?.facts]).toEqual([
      'a\uFFFDb\uFFFD',
      [
        { title: 'f\uFFFD', value: 'cut \uFFFD' },
        { title: 'written out', value: '\\u0000' },
      ],
    ]);
  });

  it('refuses a link that is not absolute', async () => {
    await expect(raiseAlert(database, { ...alertFor(), link: '/reports/a', channels: [] })).rejects.toThrow(
      'Expected an absolute http(s) link',
    );
  });
});

describe('listAlerts', () => {
  async function seed(count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) await raise(`a${number}`, ['teams']);
    // Three at one moment, and microseconds that a Date cannot hold.
    await database.query(`
      update alerts set created_at = timestamptz '2026-03-01 10:00:00.123456Z' + case when id <= 3 then '0'::interval else id * interval '1 microsecond' end`);
  }

  it('walks all alerts newest first, each once, whatever the size of a page', async () => {
    await seed(7);
    for (const limit of [1, 2, 3, 7, 8]) {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listAlerts(database, { limit, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(ids).toEqual(['7', '6', '5', '4', '3', '2', '1']);
    }
  });

  it('keeps its place when alerts are added or removed meanwhile', async () => {
    await seed(4);
    const first = await listAlerts(database, { limit: 2 });
    await raise('newer');
    await database.query('delete from alerts where id = $1', [first.items[1]?.id]);
    const second = await listAlerts(database, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.items.map(({ id }) => id)).toEqual(['2', '1']);
    expect(second.nextCursor).toBeNull();
  });

  it('gives what the API promises', async () => {
    await seed(2);
    const page = await listAlerts(database, { limit: 1 });
    expect(answerSchema.parse(page)).toEqual(page);
  });

  it.each(['', 'x', Buffer.from('2026-99-99T00:00:00.000000Z 1').toString('base64url')])(
    'refuses the cursor %j',
    async (cursor) => {
      const asked = listAlerts(database, { limit: 1, cursor });
      await expect(asked).rejects.toMatchObject({ code: 'cursor_invalid' });
    },
  );
});
