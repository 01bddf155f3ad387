import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportChartPath, reportFilePath, routes } from '#api';
import { saveCheck } from '#contracts';
import { defineDashboard } from '#monitor';
import { addChampion, ask, createWorld, parcel, type World } from './world.ts';

const REPORT = '<!doctype html><title>Report</title><script>alert(1)</script>';

const dashboard = defineDashboard({
  id: 'parcels',
  title: 'Parcels',
  audience: 'people',
  windows: [{ label: '10 min', minutes: 10 }],
  defaultWindowMinutes: 10,
  refreshSeconds: 5,
  variables: [],
  panels: [
    {
      id: 'count',
      title: 'Predictions',
      kind: 'stat',
      sql: 'select count(*) as value from predictions where $__timeFilter(at)',
      unit: 'none',
      thresholds: [{ from: null, color: 'green' }],
      width: 12,
      height: 4,
    },
    {
      id: 'broken',
      title: 'Broken',
      kind: 'stat',
      sql: 'select nonsense as value from predictions',
      unit: 'none',
      thresholds: [],
      width: 12,
      height: 4,
    },
  ],
});

let world: World;

beforeAll(async () => {
  world = await createWorld({ dashboards: [dashboard] });
  await addChampion(world);
  const { digest } = await world.artifacts.put(Buffer.from(REPORT));
  const result = {
    contract: 'parcels',
    file: 'a.csv',
    digest: 'd'.repeat(64),
    sizeBytes: 100,
    rows: { in: 10, good: 9, bad: 1, rejected: 0 },
    verdict: 'warn',
    criticality: 'low',
    violations: [
      {
        expectation: 'in-range',
        column: 'weight',
        category: 'out-of-range',
        severity: 'fail',
        rows: 1,
        share: 0.1,
        sentence: 'weight lies between 0 and 50',
        examples: [{ at: 'line', number: 4, values: [{ column: 'weight', text: '51' }] }],
      },
    ],
    expectations: [],
    columns: [],
    summary: '1 of 10 rows is bad',
    durationMs: 3.5,
  } as const;
  await saveCheck(world.database, { id: 'arrival-1', result, reportDigest: digest });
  await saveCheck(world.database, { id: 'arrival-2', result: { ...result, verdict: 'pass', violations: [] } });
  await saveCheck(world.database, { id: 'arrival-3', result, reportDigest: 'f'.repeat(64) });
  await world.database.query(
    `insert into alerts (dedupe_key, kind, criticality, title, summary, facts, link)
     values ('a', 'data-quality', 'high', 'Bad file', 'half of it', '[{"title": "Rows", "value": "10"}]', 'http://127.0.0.1/reports/arrival-1')`,
  );
  await world.database.query(`insert into alert_deliveries (alert_id, channel, state) values (1, 'teams', 'waiting')`);
});
afterAll(() => world.close());

describe('checks', () => {
  it('come newest first, with the address of a report where there is one', async () => {
    const { json } = await ask(world, routes.checks);
    expect(json.items.map(({ id, reportUrl }: Record<string, unknown>) => [id, reportUrl])).toEqual([
      ['arrival-3', '/reports/arrival-3'],
      ['arrival-2', null],
      ['arrival-1', '/reports/arrival-1'],
    ]);
    const passed = await ask(world, routes.checks, { query: { verdict: 'pass' } });
    expect(passed.json.items).toHaveLength(1);
  });

  it('come page by page', async () => {
    const first = (await ask(world, routes.checks, { query: { limit: '2' } })).json;
    const second = (await ask(world, routes.checks, { query: { limit: '2', cursor: first.nextCursor } })).json;
    expect(second.items.map(({ id }: { id: string }) => id)).toEqual(['arrival-1']);
    const told = await ask(world, routes.checks, { query: { cursor: 'bm9uZQ' } });
    expect(told).toMatchObject({ status: 422, json: { code: 'cursor_invalid' } });
  });

  it('come sorted by name, size and share of unusable rows, and are searched', async () => {
    const found = async (query: Record<string, string>) =>
      (await ask(world, routes.checks, { query })).json.items.map(({ id }: { id: string }) => id);
    await world.database.query(
      `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, summary, duration_ms)
       values ('sorted-1', 'sorted', 'b 1.csv', 'd', 1, 10, 5, 5, 0, 'fail', 'half', 1),
              ('sorted-2', 'sorted', 'a 2.csv', 'd', 1, 30, 30, 0, 0, 'pass', 'fine', 1),
              ('sorted-3', 'sorted', 'c 3.csv', 'd', 1, 0, 0, 0, 0, 'quarantined', 'unreadable', 1)`,
    );
    const search = '.csv';
    const sorted = async (sort: string) =>
      (await found({ sort, search })).filter((id: string) => id.startsWith('sorted'));
    expect(await sorted('file')).toEqual(['sorted-2', 'sorted-1', 'sorted-3']);
    expect(await sorted('-rows')).toEqual(['sorted-2', 'sorted-1', 'sorted-3']);
    expect(await sorted('-unusable')).toEqual(['sorted-3', 'sorted-1', 'sorted-2']);
    expect(await found({ search: 'UNREADABLE c 3' })).toEqual(['sorted-3']);
    await world.database.query(`delete from checks where contract = 'sorted'`);
  });

  it('are all seen once, page by page, in the order of their names', async () => {
    const first = (await ask(world, routes.checks, { query: { sort: 'file', limit: '2' } })).json;
    const rest = (await ask(world, routes.checks, { query: { sort: 'file', cursor: first.nextCursor } })).json;
    const ids = [...first.items, ...rest.items].map(({ id }: { id: string }) => id);
    expect(ids.toSorted()).toEqual(['arrival-1', 'arrival-2', 'arrival-3']);
  });

  it('show their violations one by one', async () => {
    const { json } = await ask(world, routes.check, { params: { id: 'arrival-1' } });
    expect(json).toMatchObject({ rows: { in: 10, good: 9, bad: 1 }, violations: [{ column: 'weight', rows: 1 }] });
    expect(json.violations[0].examples).toEqual([
      { at: 'line', number: 4, values: [{ column: 'weight', text: '51' }] },
    ]);
    const told = await ask(world, routes.check, { params: { id: 'nowhere' } });
    expect(told).toMatchObject({ status: 404, json: { code: 'check_unknown' } });
  });
});

describe('reports', () => {
  it.each(['rows', 'trend'] as const)('give their chart of %s as an image', async (chart) => {
    const answer = await world.server.inject(`${reportChartPath('arrival-3', chart)}?scheme=dark`);
    expect(answer.headers['content-type']).toBe('image/svg+xml; charset=utf-8');
    expect(answer.body).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
    expect((await world.server.inject(reportChartPath('nowhere', chart))).statusCode).toBe(404);
  });

  it('are pages that can run nothing and ask nobody', async () => {
    const answer = await world.server.inject(reportFilePath('arrival-1'));
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe(REPORT);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; style-src '(none|sha256-[^']+)'; img-src data:;/);
    expect(policy).not.toContain('script-src');
  });

  it.each(['arrival-2', 'arrival-3', 'nowhere', '../arrival-1', 'd'.repeat(64)])('are not found for %s', async (id) => {
    const answer = await world.server.inject(reportFilePath(id));
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'report_missing' });
  });
});

describe('dashboards', () => {
  it('are shown without their SQL', async () => {
    const { json, text } = await ask(world, routes.dashboards);
    expect(json.items[0]).toMatchObject({ id: 'parcels', panels: [{ id: 'count' }, { id: 'broken' }] });
    expect(text).not.toMatch(/select/i);
  });

  it('answer with what the database holds, and one broken panel breaks no other', async () => {
    await ask(world, routes.predict, { body: [parcel, parcel] });
    const { status, json } = await ask(world, routes.dashboard, {
      params: { id: 'parcels' },
      query: { minutes: '10' },
    });
    expect(status).toBe(200);
    expect(json.panels.count.rows).toEqual([{ value: 2 }]);
    expect(json.panels.broken.error).toEqual(expect.any(String));
    expect(Date.parse(json.to) - Date.parse(json.from)).toBe(600_000);
  });

  it('are not found by another name, nor asked over more than a month', async () => {
    expect((await ask(world, routes.dashboard, { params: { id: '__proto__' } })).status).toBe(404);
    const told = await ask(world, routes.dashboard, { params: { id: 'parcels' }, query: { minutes: '99999999' } });
    expect(told.status).toBe(400);
  });
});

describe('alerts', () => {
  it('come with their facts and deliveries', async () => {
    const { json } = await ask(world, routes.alerts);
    expect(json.items).toMatchObject([
      {
        title: 'Bad file',
        facts: [{ title: 'Rows', value: '10' }],
        deliveries: [{ channel: 'teams', state: 'waiting' }],
      },
    ]);
    expect((await ask(world, routes.alerts, { query: { cursor: 'x' } })).json.code).toBe('cursor_invalid');
  });
});

describe('models', () => {
  it('come with their versions and promotions', async () => {
    const { json } = await ask(world, routes.models);
    expect(json).toMatchObject({
      model: 'parcels',
      versions: [{ version: 1, estimator: 'knn', aliases: ['champion'] }],
      promotions: [{ alias: 'champion', version: 1, previous: null, actor: 'test' }],
    });
  });
});

describe('the project and its contract', () => {
  it('say what runs and when', async () => {
    const { json } = await ask(world, routes.project);
    expect(json).toMatchObject({
      name: 'parcels',
      environment: 'test',
      pipelines: [
        { name: 'ingest', cron: '* * * * *', nextRunAt: '2030-01-01T00:00:00.000Z' },
        { name: 'train', cron: 'off', nextRunAt: null },
      ],
    });
  });

  it('say what a row must be', async () => {
    const { json } = await ask(world, routes.contract);
    expect(json).toMatchObject({ name: 'parcels', label: 'outcome', delimiter: ',' });
    expect(json.columns.find(({ name }: { name: string }) => name === 'weight')).toEqual({
      name: 'weight',
      kind: 'number',
      expected: 'a number from 0 to 50',
      role: 'feature',
      nullable: false,
      label: 'weight',
      unit: 'kg',
      min: 0,
      max: 50,
    });
    // What is in SQL is for files alone.
    expect(json.rules).toEqual([
      { sentence: 'note has at most 40 characters', rule: { over: 'cell', column: 'note', test: 'length', max: 40 } },
    ]);
  });
});

describe('health', () => {
  it('is well when predictions can be made', async () => {
    expect(await ask(world, routes.health)).toMatchObject({ status: 200, json: { status: 'ok' } });
    const ready = await ask(world, routes.ready);
    expect(ready).toMatchObject({ status: 200, json: { checks: { champion: { ok: true, detail: 'parcels@1' } } } });
  });
});

describe('metrics', () => {
  it('count requests by route and predictions by source', async () => {
    await ask(world, routes.predict, { body: parcel, headers: { 'x-weir-source': 'webapp' } });
    await world.server.inject('/api/secret-address');
    const { body, headers } = await world.server.inject('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body).toMatch(/weir_predictions_total\{source="webapp",model_version="parcels@\d+"\} 1\n/);
    expect(body).toMatch(
      /weir_http_request_duration_seconds_count\{method="POST",route="\/api\/predict",status="200"\} \d/,
    );
    expect(body).not.toContain('secret-address');
  });
});
