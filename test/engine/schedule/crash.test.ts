import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseKills } from '../../kills/choose-kills.ts';
import { type KilledEnd, runToKill } from '../../kills/run-to-kill.ts';
import { emptyTables } from '../../postgres/empty-tables.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';
import { catchUp } from './catch-up.ts';

/** Where it kills besides one place of each kind of write that starts runs on a schedule, when it does not kill everywhere. */
const EXTRA = 1;
const isOwn = (name: string): boolean => /schedule|into runs/.test(name);
const HOURS = [1, 2, 3, 4];

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(async () => {
  await bench.close();
});

const runUntil = (point: string): Promise<KilledEnd> =>
  runToKill('following-engine', { databases: [bench.database], args: [bench.folder, point] });

/** Nothing has run, and the first hour is due. */
async function beginAgain(): Promise<void> {
  await emptyTables(bench.database);
  await bench.database.query(
    `insert into schedules (pipeline, expression, handled_until) values ('hourly', '0 * * * * in UTC', '2026-01-01T00:30Z')`,
  );
}

/** What must hold at every moment: what was decided up to here is exactly what ran, runs or waits. */
async function assertDecidedOnce(): Promise<void> {
  const rows = await bench.database.query<{ tick: Date }>(
    'select scheduled_for as tick from runs union all select tick from schedule_ticks order by tick',
  );
  const [schedule] = await bench.database.query<{ until: Date }>('select handled_until as until from schedules');
  const decided = HOURS.map((hour) => new Date(Date.UTC(2026, 0, 1, hour))).filter(
    (tick) => schedule !== undefined && tick <= schedule.until,
  );
  expect(rows.map(({ tick }) => tick)).toEqual(decided);
  const live = await bench.database.query(`select 1 from runs where state in ('queued', 'running')`);
  expect(live.length).toBeLessThanOrEqual(1);
}

async function assertAllRan(): Promise<void> {
  const runs = await bench.database.query<{ hour: number; state: string }>(
    `select extract(hour from interval_to at time zone 'UTC')::integer as hour, state from runs order by runs.id`,
  );
  expect(runs).toEqual(HOURS.map((hour) => ({ hour, state: 'succeeded' })));
  expect(await bench.database.query('select 1 from manifests')).toHaveLength(HOURS.length);
}

describe('an engine that is killed while it catches up', () => {
  it('leaves every tick decided on once, and all of them run in the end', async () => {
    await beginAgain();
    const undisturbed = await runUntil('nowhere');
    if (undisturbed.kind === 'killed') throw new Error('Nobody was to be killed.');
    await assertAllRan();
    const choice = { test: 'schedule', extra: EXTRA, isOwn, pointOf: (point: string) => point };
    for (const point of chooseKills(undisturbed.passed, choice)) {
      await beginAgain();
      expect(await runUntil(point), point).toEqual({ kind: 'killed' });
      await assertDecidedOnce();
      await catchUp({ ...bench, asked: bench.database });
      await assertAllRan();
    }
  });
});
