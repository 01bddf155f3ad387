import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboardRows, defineDashboard, type Panel } from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const WINDOW = { from: new Date('2026-03-01T10:00:00.250Z'), to: new Date('2026-03-01T10:30:00Z') };

/** One panel for each SQL, named a, b, c … */
function dashboardOf(...texts: readonly string[]) {
  const panels = texts.map((sql, index): Panel => {
    const id = String.fromCharCode(97 + index);
    return { id, title: id, kind: 'table', unit: 'none', thresholds: [], width: 6, height: 4, sql };
  });
  const windows = [{ label: '10 minutes', minutes: 10 }];
  return defineDashboard({
    id: 'mine',
    title: 'Mine',
    audience: 'me',
    windows,
    defaultWindowMinutes: 10,
    refreshSeconds: 15,
    variables: [],
    panels,
  });
}

async function rowsOf(sql: string) {
  const { panels } = await dashboardRows(database, dashboardOf(sql), WINDOW);
  return panels.a;
}

describe('dashboardRows', () => {
  it('gives numbers of every kind as numbers, and times as ISO strings', async () => {
    const answer = await rowsOf(`
      select 7::bigint as big, 1.25::numeric as exact, 0.5::float8 as half, 3::smallint as small, true as flag, null::text as nothing,
             timestamptz '2026-03-01 12:00:00.5+02' as moment, date '2026-03-01' as day, '{"b": 1, "a": [2]}'::jsonb as document, '007' as text`);
    expect(answer).toEqual({
      rows: [
        {
          big: 7,
          exact: 1.25,
          half: 0.5,
          small: 3,
          flag: true,
          nothing: null,
          moment: '2026-03-01T10:00:00.500Z',
          day: '2026-03-01',
          document: '{"a":[2],"b":1}',
          text: '007',
        },
      ],
    });
  });

  it('keeps the order of rows and of columns', async () => {
    const answer = await rowsOf('select n as zulu, -n as alpha from generate_series(1, 300) as n order by n * 7 % 311');
    expect(answer?.rows).toHaveLength(300);
    const ranks = answer?.rows.map(({ zulu }) => (Number(zulu) * 7) % 311) ?? [];
    expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
    expect(Object.keys(answer?.rows[0] ?? {})).toEqual(['zulu', 'alpha']);
  });

  it('passes the window on to the millisecond', async () => {
    const answer = await rowsOf('select $__timeFrom() as a, $__timeTo() as b -- a comment at the end');
    expect(answer?.rows).toEqual([{ a: '2026-03-01T10:00:00.250Z', b: '2026-03-01T10:30:00.000Z' }]);
  });

  it('reads the seconds of $__timeGroup as a time', async () => {
    const answer = await rowsOf("select $__timeGroupAlias(timestamptz '2026-03-01 10:07:31Z', '5m'), 1 as value");
    expect(answer?.rows).toEqual([{ time: '2026-03-01T10:05:00.000Z', value: 1 }]);
  });

  it('gives no value where there is none', async () => {
    const answer = await rowsOf(
      "select 'NaN'::float8 as value union all select '-Infinity'::float8 union all select null",
    );
    expect(answer?.rows).toEqual([{ value: null }, { value: null }, { value: null }]);
  });

  it('lets one bad panel fail alone', async () => {
    const dashboard = dashboardOf('select nothing from nowhere', 'select 1 / 0 as value', 'select 2 as value');
    const { panels, from, to } = await dashboardRows(database, dashboard, WINDOW);
    expect([from, to]).toEqual(['2026-03-01T10:00:00.250Z', '2026-03-01T10:30:00.000Z']);
    expect(panels).toEqual({
      a: { rows: [], error: 'relation "nowhere" does not exist' },
      b: { rows: [], error: 'division by zero' },
      c: { rows: [{ value: 2 }] },
    });
  });

  it('ends a query that takes too long', async () => {
    const dashboard = dashboardOf('select 1 as value from pg_sleep(86400)', 'select 2 as value');
    const { panels } = await dashboardRows(database, dashboard, { ...WINDOW, bounds: { timeoutMs: 1_000 } });
    expect(panels.a?.error).toBe('The query took longer than 1 s and was ended. Choose a shorter window.');
    expect(panels.b).toEqual({ rows: [{ value: 2 }] });
  });

  it('gives no more rows than the bound, and says so', async () => {
    const dashboard = dashboardOf(
      'select n as value from generate_series(1, 11) as n',
      'select n as value from generate_series(1, 10) as n',
    );
    const { panels } = await dashboardRows(database, dashboard, { ...WINDOW, bounds: { rowsMax: 10 } });
    expect(panels.a?.rows.at(-1)).toEqual({ value: 10 });
    expect(panels.a?.error).toBe('Only the first 10 rows are shown: choose a shorter window.');
    expect(panels.b?.rows).toHaveLength(10);
    expect(panels.b?.error).toBeUndefined();
  });

  it('cannot write', async () => {
    await database.query('create table written (number integer)');
    const answer = await rowsOf('with inserted as (insert into written values (1) returning 1) select * from inserted');
    expect(answer?.error).toBeDefined();
    const called = await rowsOf("select nextval('claim_tokens') as value");
    expect(called?.error).toContain('read-only');
    expect(await database.query('select count(*)::integer as count from written')).toEqual([{ count: 0 }]);
  });
});
