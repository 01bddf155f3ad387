import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dashboardRows,
  dashboards,
  defineDashboard,
  driftAndPredictedNumbers,
  grantReader,
  ingestedData,
  READER,
  readableOf,
  toGrafana,
} from '#monitor';
import type { Database } from '#store';
import { intervalOf } from '../../../src/monitor/dashboards/intervals.ts';
import { type Choices, compileQuery, type Window } from '../../../src/monitor/dashboards/macros.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { seed, WINDOW } from '../dashboards/seed.ts';
import { seedNumbers } from '../dashboards/seed-numbers.ts';
import { asGrafana } from './grafana-query.ts';

let database: Database;
let numbers: Database;
beforeAll(async () => {
  [database, numbers] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await Promise.all([seed(database), seedNumbers(numbers)]);
});
afterAll(() => Promise.all([database.close(), numbers.close()]));

const PROJECT = { project: { name: 'shop', title: 'Shop' }, url: 'http://127.0.0.1:8080' };
/** The window of the panels, and a day around it with wider buckets. */
const WINDOWS = [WINDOW, { from: new Date('2026-02-28T12:00:00Z'), to: new Date('2026-03-01T12:00:00Z') }];

describe.each([...dashboards])('the Grafana dashboard $title', (dashboard) => {
  const seeded = () => (dashboard === driftAndPredictedNumbers ? numbers : database);
  const bothAnswers = async (sql: string, { choices, ...window }: Window & { readonly choices?: Choices }) => {
    const { text, values } = compileQuery(sql, { ...window, ...(choices === undefined ? {} : { choices }) });
    const grafana = asGrafana(sql, {
      ...window,
      interval: intervalOf(window),
      ...(choices === undefined ? {} : { choices }),
    });
    return [await seeded().query(text, values), await seeded().query(grafana)] as const;
  };

  it.each(dashboard.panels)('answers in $id as our own page does', async ({ sql }) => {
    for (const [index, window] of WINDOWS.entries()) {
      const [ours, grafana] = await bothAnswers(sql, window);
      if (index === 0) expect(ours.length).toBeGreaterThan(0);
      expect(grafana).toEqual(ours);
    }
  });

  it('answers as our own page does for chosen values of its variables, one with a quote among them', async () => {
    const choices: Record<string, readonly string[]> = {};
    for (const { name, sql } of dashboard.variables) {
      const [ours, grafana] = await bothAnswers(sql, WINDOW);
      expect(grafana).toEqual(ours);
      choices[name] = [String(Object.values(ours[0] ?? {})[0] ?? ''), "it's"];
    }
    for (const { sql } of dashboard.panels) {
      const [ours, grafana] = await bothAnswers(sql, { ...WINDOW, choices });
      expect(grafana).toEqual(ours);
    }
  });

  it('places panels side by side without overlap', () => {
    // toGrafana gives plain JSON whose shape the next expectations state.
    const panels = toGrafana(dashboard, PROJECT).panels as readonly {
      gridPos: { x: number; y: number; w: number; h: number };
    }[];
    const taken = new Set<string>();
    for (const { x, y, w, h } of panels.map(({ gridPos }) => gridPos)) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let row = y; row < y + h; row += 1) {
          expect(taken.has(`${column},${row}`)).toBe(false);
          taken.add(`${column},${row}`);
        }
      }
    }
  });

  it('can be read by the role of Grafana', async () => {
    await grantReader(database, readableOf(undefined));
    const query = { ...WINDOW, interval: intervalOf(WINDOW) };
    await database.transaction(async (tx) => {
      await tx.query(`set local role ${READER}`);
      for (const { sql } of [...dashboard.panels, ...dashboard.variables]) await tx.query(asGrafana(sql, query));
    });
  });
});

describe('the macros that group time', () => {
  it('give in Grafana what they give here', async () => {
    const panel = { id: 'a', title: 'a', kind: 'bars', unit: 'none', thresholds: [], width: 6, height: 4 } as const;
    const sql =
      'select $__timeGroupAlias(checked_at, $__interval), count(*) as value from weir.checks where $__timeFilter(checked_at) group by 1 order by 1';
    const windows = [{ label: '30 minutes', minutes: 30 }];
    const dashboard = defineDashboard({
      id: 'mine',
      title: 'Mine',
      audience: 'me',
      windows,
      defaultWindowMinutes: 30,
      refreshSeconds: 15,
      variables: [],
      panels: [{ ...panel, sql }],
    });
    const { panels } = await dashboardRows(database, dashboard, WINDOW);
    const query = { ...WINDOW, interval: intervalOf(WINDOW) };
    const grafana = await database.query<{ time: string; value: string }>(asGrafana(sql, query));
    expect(panels.a?.rows).toEqual([
      { time: '2026-03-01T10:02:00.000Z', value: 2 },
      { time: '2026-03-01T10:20:00.000Z', value: 1 },
    ]);
    const asOurs = grafana.map(({ time, value }) => ({
      time: new Date(Number(time) * 1000).toISOString(),
      value: Number(value),
    }));
    expect(asOurs).toEqual(panels.a?.rows);
  });
});

describe('a panel that counts a list', () => {
  it('links in Grafana to that list in the web app, over the window', () => {
    const [panel] = ingestedData.panels;
    const linked = { ...(panel ?? expect.fail()), link: { list: 'files', metric: 'verdict' } } as const;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills these in
    const url = '${weir_url}/data?from=${__from:date:iso}&to=${__to:date:iso}&verdict=${__series.name}';
    expect(toGrafana({ ...ingestedData, panels: [linked] }, PROJECT)).toMatchObject({
      panels: [{ fieldConfig: { defaults: { links: [{ url }] } } }],
    });
  });
});
