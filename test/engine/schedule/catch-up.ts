import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createEngine, defineTask, inlineExecutor, type Pipeline, value } from '#engine';
import type { Database } from '#store';
import { LEASE_MS, type WatchedWorld } from '../fixtures/watch-writes.ts';

const NOW = new Date('2026-01-01T04:30:00Z');
const countHour = defineTask({
  name: 'count-hour',
  version: '1',
  params: z.object({ hour: z.number() }),
  outputs: { count: value<number>() },
  run: async ({ params }) => ({ count: params.hour }),
});
const tasks = [countHour];
const hourly: Pipeline = {
  name: 'hourly',
  description: 'One goal for each hour.',
  plan: async () => ({ kind: 'skip', reason: 'only hours are asked for', params: {} }),
  planInterval: async ({ from }) => ({
    ...{ kind: 'run', goals: [countHour.goal({ hour: from.getUTCHours() })], params: {} },
  }),
};

interface CatchingUp extends WatchedWorld {
  readonly folder: string;
  /** Asked whether the engine has caught up; its questions are no places to be killed at. */
  readonly asked: Database;
}

/** Follows a schedule of hours until the engine has caught up with it. */
export async function catchUp({ database, artifacts, folder, asked }: CatchingUp): Promise<void> {
  const executor = inlineExecutor({ tasks, database, artifacts, slots: 1, folder: `${folder}/attempts` });
  const engine = createEngine({
    ...{ database, artifacts, tasks, executor, pipelines: [hourly], isSoleOwner: true, leaseMs: LEASE_MS },
    effects: { now: () => NOW },
  });
  await engine.recover();
  engine.follow([{ pipeline: 'hourly', cron: '0 * * * *', timeZone: 'UTC', catchUp: 'all' }]);
  for (let isOpen = true; isOpen; ) {
    const [state] = await asked.query<{ isOpen: boolean }>(
      `select exists (select 1 from schedule_ticks) or handled_until < '2026-01-01T04:00Z'
         or exists (select 1 from runs where settled_at is null) as "isOpen" from schedules`,
    );
    isOpen = state?.isOpen ?? true;
    // Asking without a pause would slow down what it waits for.
    await delay(5);
  }
  await engine.close();
  await executor.close();
}
