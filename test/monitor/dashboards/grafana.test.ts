import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dashboardRows,
  dashboards,
  defineDashboard,
  driftAndPredictedNumbers,
  grafanaFiles,
  grantReader,
  READER,
  readableOf,
  toGrafana,
} from '#monitor';
import type { Database } from '#store';
import { intervalOf } from '../../../src/monitor/dashboards/intervals.ts';
import { compileQuery } from '../../../src/monitor/dashboards/macros.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { seed, WINDOW } from './seed.ts';
import { seedNumbers } from './seed-numbers.ts';

const FOLDER = fileURLToPath(new URL('../../../grafana', import.meta.url));

let database: Database;
let numbers: Database;
beforeAll(async () => {
  [database, numbers] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await Promise.all([seed(database), seedNumbers(numbers)]);
});
afterAll(() => Promise.all([database.close(), numbers.close()]));

/** What Grafana's PostgreSQL source makes of a query: replacement by text, up to the first closing parenthesis. */
function asGrafana(sql: string): string {
  const [from, to] = [`'${WINDOW.from.toISOString()}'`, `'${WINDOW.to.toISOString()}'`];
  const seconds = 60;
  return (
    sql
      // "All" has a custom value, which Grafana writes as it is.
      .replace(/\$\{\w+:sqlstring\}/g, "'*'")
      .replaceAll('$__interval', intervalOf(WINDOW))
      .replace(/\$(__[_a-zA-Z0-9]+)\(([^)]*)\)/g, (_, macro: string, argument: string) => {
        const [column] = argument.split(',');
        const group = `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
        switch (macro) {
          case '__timeFilter':
            return `${column} BETWEEN ${from} AND ${to}`;
          case '__timeFrom':
            return from;
          case '__timeTo':
            return to;
          case '__time':
            return `${column} AS "time"`;
          case '__timeGroup':
            return group;
          case '__timeGroupAlias':
            return `${group} AS "time"`;
          default:
            throw new Error(`Grafana has no macro ${macro}.`);
        }
      })
  );
}

describe.each([...dashboards])('the Grafana dashboard $title', (dashboard) => {
  it.each(dashboard.panels)('answers in $id as our own page does', async ({ sql }) => {
    const { text, values } = compileQuery(sql, WINDOW);
    const seeded = dashboard === driftAndPredictedNumbers ? numbers : database;
    const ours = await seeded.query(text, values);
    expect(ours.length).toBeGreaterThan(0);
    expect(await seeded.query(asGrafana(sql))).toEqual(ours);
  });

  it('places panels side by side without overlap', () => {
    // toGrafana gives plain JSON whose shape the next expectations state.
    const panels = toGrafana(dashboard).panels as readonly {
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
    const grafana = await database.query<{ time: string; value: string }>(asGrafana(sql));
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

describe('the folder grafana/', () => {
  it('holds exactly what the definitions say', async () => {
    const files = await grafanaFiles(dashboards);
    for (const [file, content] of Object.entries(files))
      await expect(content).toMatchFileSnapshot(path.join(FOLDER, file));
    const found = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const names = found.map(({ parentPath, name }) => path.relative(FOLDER, path.join(parentPath, name)));
    expect(names.sort()).toEqual(Object.keys(files).sort());
  });

  it('has panels that the role of Grafana can read', async () => {
    await grantReader(database, readableOf(undefined));
    await database.transaction(async (tx) => {
      await tx.query(`set local role ${READER}`);
      for (const { sql } of dashboards.flatMap(({ panels }) => panels)) await tx.query(asGrafana(sql));
    });
  });
});
