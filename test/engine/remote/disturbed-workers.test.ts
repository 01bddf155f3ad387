import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { remoteExecutor } from '#engine';
import { randomFor } from '../../kills/choose-kills.ts';
import { forkProgram } from '../../programs/programs.ts';
import { pgBossOn } from '../fixtures/remote.ts';
import { writeRows } from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

const LONG_MS = 180_000;
const GOALS = 40;
const ROWS = 4_000;

let bench: Workbench;
let engine: TestEngine;
const workers = new Set<ChildProcess>();

async function startWorker(): Promise<void> {
  const worker = forkProgram('worker', [bench.database.url, bench.folder]);
  workers.add(worker);
  worker.once('exit', () => workers.delete(worker));
  await once(worker, 'message');
}

beforeAll(async () => {
  bench = await createWorkbench();
  const executor = await remoteExecutor({
    ...{
      database: bench.database,
      transport: await pgBossOn(bench),
      labels: ['default'],
      labelOf: () => 'default',
      slots: 10,
    },
  });
  engine = createTestEngine(bench, { executor });
  await Promise.all([startWorker(), startWorker(), startWorker()]);
}, LONG_MS);
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await engine.close();
  await bench.close();
});

const writtenCount = async (): Promise<number> => {
  const [row] = await bench.database.query<{ count: number }>(
    'select count(distinct owner)::int as count from owned_rows',
  );
  return row?.count ?? 0;
};

/** What may happen to workers and what they have; none of it may happen to one goal more often than it is tried again. */
const DISTURBANCES: readonly (() => Promise<unknown>)[] = [
  async () => {
    const [worker] = workers;
    worker?.kill('SIGKILL');
    await startWorker();
  },
  // What a worker has is given to another one, while the first goes on.
  () => bench.database.query(`update weir_queue.job set state = 'retry', start_after = now() where state = 'active'`),
  () =>
    bench.database
      .query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      .catch(() => undefined),
];

it('complete each goal once in effect, whatever happens to them', { timeout: LONG_MS }, async () => {
  const random = randomFor('disturbed workers');
  const goals = Array.from({ length: GOALS }, (_, n) =>
    writeRows.goal({ owner: `owner ${n}`, count: ROWS, isBroken: false }),
  );
  const id = await engine.start(goals);
  const order = DISTURBANCES.map((disturb) => ({ disturb, at: random() })).sort((one, other) => one.at - other.at);
  for (const [place, { disturb }] of order.entries()) {
    const least = Math.floor(((place + random()) * GOALS) / (order.length + 1));
    await expect.poll(writtenCount, { timeout: LONG_MS, interval: 5 }).toBeGreaterThanOrEqual(least);
    await disturb();
  }
  expect(await engine.engine.finished(id)).toBe('succeeded');
  const rows = await bench.database.query('select owner, count(*)::int as rows from owned_rows group by owner');
  expect(rows).toHaveLength(GOALS);
  expect(rows.every((row) => row.rows === ROWS)).toBe(true);
  const [manifests] = await bench.database.query(
    'select count(*)::int as all, count(distinct key)::int as keys from manifests',
  );
  expect(manifests).toEqual({ all: GOALS, keys: GOALS });
  expect(await bench.database.query('select 1 from claims')).toEqual([]);
});
