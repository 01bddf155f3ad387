import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

const ENTRY = fileURLToPath(new URL('./following-engine.ts', import.meta.url));
/** Steps wider than one go through more of what an engine does before it dies. */
const STEP = 5;
const POINTS_MAX = 600;
const HOURS = [1, 2, 3, 4, 5, 6];

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
  await bench.database.query(
    `insert into schedules (pipeline, expression, handled_until) values ('hourly', '0 * * * * in UTC', '2026-01-01T00:30Z')`,
  );
});
afterAll(() => bench.close());

async function runUntil(point: number): Promise<'killed' | 'done'> {
  const child = fork(ENTRY, [bench.database.url, bench.folder, String(point)], {
    execArgv: ['--import', 'tsx', '--conditions=weir-source'],
  });
  let isDone = false;
  child.on('message', () => {
    isDone = true;
  });
  const [code, signal] = await once(child, 'exit');
  if (signal === 'SIGKILL') return 'killed';
  if (!isDone) throw new Error(`The engine ended with code ${code}.`);
  return 'done';
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

describe('an engine that is killed while it catches up', () => {
  it('at one write after another leaves every tick decided on once, and all of them run in the end', async () => {
    let kills = 0;
    for (let point = 1; point < POINTS_MAX; point += STEP) {
      const end = await runUntil(point);
      await assertDecidedOnce();
      if (end === 'done') break;
      kills++;
    }
    expect(kills).toBeGreaterThan(10);
    const runs = await bench.database.query<{ hour: number; state: string }>(
      `select extract(hour from interval_to at time zone 'UTC')::integer as hour, state from runs order by runs.id`,
    );
    expect(runs).toEqual(HOURS.map((hour) => ({ hour, state: 'succeeded' })));
    expect(await bench.database.query('select 1 from manifests')).toHaveLength(HOURS.length);
  }, 600_000);
});
