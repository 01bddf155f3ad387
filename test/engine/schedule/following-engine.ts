import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createEngine, defineTask, inlineExecutor, type Pipeline, type Task, value } from '#engine';
import { connect, fsArtifacts } from '#store';
import { faultPoints } from '../../kills/fault-points.ts';
import { watchWrites } from '../fixtures/watch-writes.ts';

// An engine that catches up with a schedule and kills itself at one fault point.
const [url = '', folder = '', target = ''] = process.argv.slice(2);
const NOW = new Date('2026-01-01T04:30:00Z');
const { reach, passed } = faultPoints(target);
const real = connect({ url });
const { database, artifacts } = watchWrites(
  { database: real, artifacts: await fsArtifacts({ folder: `${folder}/artifacts` }) },
  reach,
);
const countHour = defineTask({
  name: 'count-hour',
  version: '1',
  params: z.object({ hour: z.number() }),
  outputs: { count: value<number>() },
  run: async ({ params }) => ({ count: params.hour }),
});
const tasks = [countHour as unknown as Task];
const hourly: Pipeline = {
  name: 'hourly',
  description: 'One goal for each hour.',
  plan: async () => ({ kind: 'skip', reason: 'only hours are asked for', params: {} }),
  planInterval: async ({ from }) => ({
    ...{ kind: 'run', goals: [countHour.goal({ hour: from.getUTCHours() })], params: {} },
  }),
};
const executor = inlineExecutor({ tasks, database, artifacts, slots: 1, folder: `${folder}/attempts` });
const engine = createEngine({
  ...{ database, artifacts, tasks, executor, pipelines: [hourly], isSoleOwner: true, effects: { now: () => NOW } },
});
await engine.recover();
engine.follow([{ pipeline: 'hourly', cron: '0 * * * *', timeZone: 'UTC', catchUp: 'all' }]);
for (let isOpen = true; isOpen; ) {
  const [state] = await real.query<{ isOpen: boolean }>(
    `select exists (select 1 from schedule_ticks) or handled_until < '2026-01-01T04:00Z'
       or exists (select 1 from runs where settled_at is null) as "isOpen" from schedules`,
  );
  isOpen = state?.isOpen ?? true;
  // Asking without a pause would slow down what it waits for.
  await delay(5);
}
await engine.close();
await real.close();
process.send?.({ passed });
process.disconnect?.();
