import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { beatWorker, pgBossTransport } from '#engine';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { ask, createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ database: await createTestDatabase() });
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate workers'));

const ids = {
  one: '00000000-0000-4000-8000-000000000001',
  two: '00000000-0000-4000-8000-000000000002',
} as const;
const beat = (which: keyof typeof ids, given: object = {}) =>
  beatWorker(world.database, {
    ...{ id: ids[which], name: `host:${which}`, version: '0.1.0', runtime: 'r1', labels: ['default'], slots: 4 },
    ...{ running: [], ended: 3, ...given },
  });
const workers = async () => (await ask(world, routes.workers)).json;
const drain = (worker: string) =>
  ask(world, routes.drainWorker, { params: { worker }, body: { by: 'Ada', reason: 'a new machine' } });

describe('workers over HTTP', () => {
  it('are none before one starts', async () => {
    expect(await workers()).toEqual({ items: [], queues: [] });
  });

  it('are listed by name with what each does, and fall silent when they no longer report', async () => {
    const older = { task: 'fit', runId: '6', goals: 1, since: '2026-03-01T10:00:00.000Z' };
    const newer = { task: 'score', runId: '7', goals: 250, since: '2026-03-01T10:01:00.000Z' };
    await beat('two', { labels: ['default', 'gpu'] });
    await beat('one', { running: [newer, older] });
    await world.database.query(`update workers set seen_at = seen_at - interval '1 minute' where id = $1`, [ids.two]);
    const { items, queues } = await workers();
    expect(items).toMatchObject([
      { name: 'host:one', slots: 4, ended: 3, running: [older, newer], state: 'serving', drainingSince: null },
      { name: 'host:two', labels: ['default', 'gpu'], state: 'silent' },
    ]);
    // What a silent worker had served is served by nobody.
    expect(queues).toEqual([{ label: 'default', runtime: 'r1', waiting: null, workers: 1 }]);
  });

  it('drain by name or by id, on record, once asked by whomever', async () => {
    await beat('one');
    await beat('two');
    const { status, json } = await drain('host:one');
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: ids.one, state: 'draining', drainingSince: expect.any(String) });
    expect((await drain(ids.two)).json).toMatchObject({ name: 'host:two', state: 'draining' });
    expect((await drain('host:one')).json.drainingSince).toBe(json.drainingSince);
    const [entry] = await world.database.query(
      `select actor, reason, before, after from audit_log where action = 'drainWorker' order by id limit 1`,
    );
    expect(entry).toMatchObject({ actor: 'Ada', reason: 'a new machine', before: { state: 'serving' } });
    expect(entry).toMatchObject({ after: { worker: 'host:one', state: 'draining' } });
  });

  it('are named when another is asked for', async () => {
    await beat('one');
    const { status, json } = await drain('host:nobody');
    expect(status).toBe(404);
    expect(json).toMatchObject({
      code: 'worker_unknown',
      detail: expect.stringContaining('(host:one); got "host:nobody"'),
    });
  });

  it('say what waits, also for a label that nobody serves', async () => {
    const { database } = world;
    const transport = await pgBossTransport({ database, runtime: 'r1', mayMigrate: true, warn: () => undefined });
    const delivery = (label: string, number: number) => ({
      ...{ id: `00000000-0000-4000-8000-00000000010${number}`, key: `key ${number}`, label, priority: 0 },
      ...{ sender: 'nobody', assignments: [], isBatch: false },
    });
    await transport.submit([delivery('große Bilder', 1), delivery('große Bilder', 2), delivery('default', 3)]);
    await transport.close();
    await beat('one');
    expect((await workers()).queues).toEqual([
      { label: 'default', runtime: 'r1', waiting: 1, workers: 1 },
      { label: 'große Bilder', runtime: 'r1', waiting: 2, workers: 0 },
    ]);
  });
});
