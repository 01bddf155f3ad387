import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runToKill } from '../../kills/run-to-kill.ts';
import { emptyTables } from '../../postgres/empty-tables.ts';
import { startWorker } from '../fixtures/remote.ts';
import { driveRemoteRun, OWNERS, ROWS } from '../fixtures/remote-run.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

const LONG_MS = 180_000;
const START = 'insert into attempts, update task_runs';
const JOB = 'insert into weir_queue.job_common';

let bench: Workbench;
const workers: ChildProcess[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
  await startWorker(bench, { labels: 'default', workers });
}, LONG_MS);
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await bench.close();
});

/** Attempts that have begun and not ended, and those of them that wait in the queue, were taken, or have been answered. */
const begun = async (): Promise<{ readonly attempts: number; readonly sent: number }> => {
  const [found] = await bench.database.query<{ attempts: number; sent: number }>(
    `select count(*)::integer as attempts, count(*) filter (where
       exists (select 1 from weir_queue.job j where j.data ->> 'delivery' like '%"token":"' || a.token || '"%')
       or exists (select 1 from worker_mail))::integer as sent
     from attempts a where outcome is null`,
  );
  return found ?? { attempts: 0, sent: 0 };
};

const rowsByOwner = async (): Promise<readonly unknown[]> =>
  bench.database.query('select owner, count(*)::integer as rows from owned_rows group by owner order by owner');

/** What a scheduler has begun and not ended, and jobs that nobody waits for. */
const leftOver = (): Promise<readonly unknown[]> =>
  bench.database.query(
    `select 'task run' as what from task_runs where state not in ('succeeded', 'cached')
     union all select 'attempt' from attempts where outcome is null
     union all select 'claim' from claims
     union all select 'job' from weir_queue.job where state < 'completed'`,
  );

const run = (point: string) =>
  runToKill('crashing-scheduler', { databases: [bench.database], args: [bench.folder, point] });

/** The places of a run that nobody kills, from the first start to its commit. */
async function placesOfStart(): Promise<readonly string[]> {
  const end = await run('nowhere');
  if (end.kind === 'killed') throw new Error('Nobody was to be killed.');
  expect(end.answer).toBe('succeeded');
  const first = end.passed.indexOf(`${START} 1`);
  const sent = end.passed.indexOf(`${JOB} 2`);
  const committed = end.passed.findIndex((place, index) => index > sent && place.startsWith('transaction'));
  expect([first, sent, committed].every((index) => index >= 0)).toBe(true);
  return end.passed.slice(first, committed + 1);
}

it('a scheduler that is killed leaves starts and jobs, or neither', { timeout: LONG_MS }, async () => {
  const places = await placesOfStart();
  expect(places).toEqual(expect.arrayContaining([`${START} 2`, `${JOB} 1`]));
  for (const place of places) await killAt(place, { isCommitted: place === places.at(-1) });
});

async function killAt(place: string, { isCommitted }: { readonly isCommitted: boolean }): Promise<void> {
  await emptyTables(bench.database);
  await bench.database.query('truncate owned_rows');
  expect(await run(place), place).toEqual({ kind: 'killed' });
  const count = isCommitted ? OWNERS.length : 0;
  expect(await begun(), place).toEqual({ attempts: count, sent: count });
  expect(await driveRemoteRun(bench), place).toBe('succeeded');
  expect(await rowsByOwner()).toEqual(OWNERS.map((owner) => ({ owner, rows: ROWS })));
  const [manifests] = await bench.database.query(
    'select count(*)::integer as all, count(distinct key)::integer as keys from manifests',
  );
  expect(manifests).toEqual({ all: OWNERS.length, keys: OWNERS.length });
  await expect.poll(leftOver).toEqual([]);
}
