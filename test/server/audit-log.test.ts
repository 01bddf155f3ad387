import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Actor, changeTogether, forgetChanges, type RecordedChange, recordChange } from '#access';
import { type Route, routes } from '#api';
import { withoutSecrets } from '../../src/access/audit/without-secrets.ts';
import { isChange } from '../../src/server/plugins/audit.ts';
import { addChampion, addModel, ask, createWorld, type World } from './world.ts';

/** Routes that send something and change nothing that the log keeps. A new one is either recorded or belongs here. */
const CHANGING_NOTHING: readonly (keyof typeof routes)[] = [
  'predict',
  'infer',
  'inferVersion',
  'invocations',
  'tryAlertRule',
];

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const actor: Actor = { kind: 'user', id: '7', name: 'Ada', address: '127.0.0.1' };
const change: RecordedChange = { actor, action: 'test', target: 'thing=1', outcome: 'done' };
const entries = async (query: Readonly<Record<string, string>> = {}) =>
  (await ask(world, routes.auditLog, { query })).json.items;

describe('the audit log', () => {
  it('has each route that is not read, but for those that change nothing', () => {
    const all: readonly (readonly [string, Route])[] = Object.entries(routes);
    const silent = all.filter(([, { method, isChange = true }]) => method !== 'GET' && !isChange).map(([name]) => name);
    expect(silent).toEqual(CHANGING_NOTHING);
    expect(isChange('DELETE', undefined)).toBe(true);
    expect(isChange(['GET', 'POST'], undefined)).toBe(true);
    expect(isChange('GET', undefined)).toBe(false);
  });

  it('keeps who promoted a version, why, from what to what', async () => {
    const first = await addChampion(world);
    const second = await addModel(world, { k: 5 });
    const body = { by: 'Ada', reason: 'better on the test rows' };
    const params = { version: String(second) };
    expect((await ask(world, routes.promoteVersion, { params, body })).status).toBe(200);
    const [entry] = await entries({ action: 'promoteVersion' });
    expect(entry).toMatchObject({
      actor: { kind: 'local', name: 'Ada' },
      address: '127.0.0.1',
      target: `version=${second}`,
      outcome: 'done',
      reason: 'better on the test rows',
      before: { champion: first },
      after: { champion: second },
    });
    expect(entry.requestId).toMatch(/^[0-9a-f-]{36}$/);
    // Refused because it changes nothing: neither a promotion nor an entry.
    expect((await ask(world, routes.promoteVersion, { params, body })).status).toBe(409);
    expect(await entries({ action: 'promoteVersion' })).toHaveLength(1);
  });

  it('lets no promotion be stored whose entry cannot be', async () => {
    await world.database.query("alter table audit_log add constraint refused check (reason <> 'not recordable')");
    const version = await addModel(world, { k: 7 });
    const body = { by: 'Ada', reason: 'not recordable' };
    const { status } = await ask(world, routes.promoteVersion, { params: { version: String(version) }, body });
    const promoted = await world.database.query('select 1 from promotions where version = $1', [version]);
    expect([status, promoted]).toEqual([500, []]);
  });

  it('keeps nothing of a change that is rolled back, and stores no change whose entry cannot be stored', async () => {
    const before = (await entries({ limit: '200' })).length;
    const failing = changeTogether(
      world.database,
      async (inside) => {
        await inside.transaction((tx) => tx.query("insert into gauges values ('audit', now(), 1)"));
        return 'changed';
      },
      async () => ({ ...change, outcome: 'unknown' as 'done' }),
    );
    await expect(failing).rejects.toThrow();
    expect(await world.database.query("select 1 from gauges where gauge = 'audit'")).toEqual([]);
    expect(await entries({ limit: '200' })).toHaveLength(before);
  });

  it('keeps the pause of a schedule with what was so before and after', async () => {
    const params = { pipeline: 'ingest' };
    const body = { by: 'Bob', reason: 'a holiday' };
    await ask(world, routes.pauseSchedule, { params, body });
    const [entry] = await entries({ actor: 'Bob' });
    expect(entry).toMatchObject({ before: { pause: null }, after: { pause: { by: 'Bob', reason: 'a holiday' } } });
    await ask(world, routes.resumeSchedule, { params, body });
    expect((await entries({ actor: 'Bob' }))[0]).toMatchObject({ action: 'resumeSchedule', after: { pause: null } });
  });

  it('keeps the start of a run, with what was asked and answered', async () => {
    await ask(world, routes.startRun, { params: { name: 'ingest' }, body: { force: true } });
    expect((await entries({ action: 'startRun' }))[0]).toMatchObject({
      target: 'name=ingest',
      after: { asked: { force: true }, answer: { runId: '1' } },
    });
  });

  it('keeps attempts that were refused, and no more than thirty a minute of one address', async () => {
    const headers = { origin: 'https://evil.example' };
    for (let count = 0; count < 40; count += 1)
      await ask(world, routes.startRun, { params: { name: 'ingest' }, body: {}, headers });
    const refused = await entries({ outcome: 'refused', limit: '200' });
    expect(refused).toHaveLength(30);
    expect(refused[0]).toMatchObject({ action: 'startRun', code: 'origin_refused', actor: { kind: 'anonymous' } });
  });

  it('keeps no prediction, no reading, and no request that was wrong', async () => {
    const before = (await entries({ limit: '200' })).length;
    await ask(world, routes.predict, { body: { weight: 1, size: 'small' } });
    await ask(world, routes.runs);
    await ask(world, routes.pauseSchedule, { params: { pipeline: 'ingest' }, body: { by: 'Bob' } });
    expect(await entries({ limit: '200' })).toHaveLength(before);
  });

  it('is read in pages, by actor, action, outcome and time', async () => {
    for (let count = 0; count < 5; count += 1) await recordChange(world.database, { ...change, action: 'paged' });
    const query = { action: 'paged', actor: 'Ada', limit: '3', from: '2020-01-01', to: '2099-12-31' };
    const first = (await ask(world, routes.auditLog, { query })).json;
    const second = (await ask(world, routes.auditLog, { query: { ...query, cursor: first.nextCursor } })).json;
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([3, 2, null]);
    expect(await entries({ action: 'paged', to: '2020-01-01' })).toEqual([]);
  });

  it('is exported as CSV in which no cell is a formula', async () => {
    await recordChange(world.database, { ...change, action: 'exported', reason: '=HYPERLINK("http://evil")' });
    const answer = await world.server.inject('/api/audit-log.csv?action=exported');
    expect(answer.headers['content-disposition']).toContain('audit-log.csv');
    const [header, line] = answer.body.split('\r\n');
    expect(header).toBe(
      'id,at,actor_kind,actor_id,actor,address,action,target,outcome,code,reason,before,after,request_id',
    );
    expect(line).toContain(`"'=HYPERLINK(""http://evil"")"`);
  });

  it.each(["update audit_log set actor = 'Eve'", 'delete from audit_log', 'truncate audit_log'])(
    'refuses %s',
    async (sql) => {
      await expect(world.database.query(sql)).rejects.toThrow(/append-only/);
    },
  );

  it('forgets what is older than the retention, and nothing else', async () => {
    await world.database.query(
      `insert into audit_log (at, actor_kind, actor, action, outcome)
         select now() - interval '400 days', 'local', 'Ada', 'old', 'done' from generate_series(1, 3)`,
    );
    const before = (await entries({ limit: '200' })).length;
    expect(await forgetChanges(world.database, { ageDaysMax: 365 })).toBe(3);
    expect(await entries({ limit: '200' })).toHaveLength(before - 3);
  });
});

describe('what the audit log keeps of a value', () => {
  it('has no secret, whatever holds it', () => {
    const secret = 'c2VjcmV0LXNlY3JldA';
    const kept = withoutSecrets({
      ...{ password: secret, newPassword: secret, apiKey: secret, key: secret, routingKey: secret },
      nested: [{ token: secret }, `weir_${secret}`, `whsec_${secret}==`, `postgres://weir:${secret}@db/weir`],
      text: `?token=${secret}&a=1`,
    });
    expect(JSON.stringify(kept)).not.toContain(secret);
    expect(kept).toMatchObject({ nested: [{ token: '***' }, '***', '***=='.slice(0, 3), 'postgres://***@db/weir'] });
  });

  it('is bounded, and PostgreSQL can store it', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`);
    const kept = JSON.stringify(
      withoutSecrets({ deep, long: 'x'.repeat(10_000), many: Array(1_000).fill(1), nul: '\0' }),
    );
    expect(kept.length).toBeLessThan(5_000);
    expect(kept).not.toContain('\\u0000');
  });
});
