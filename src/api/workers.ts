import { z } from 'zod';
import { recordedChange } from './recorded-change.ts';

/** Of tasks without a pool, and of workers that are told no label. */
export const WORKER_LABEL = 'default';

const time = z.iso.datetime();

export const worker = z
  .object({
    id: z.string(),
    name: z.string().meta({ description: 'Host and process', examples: ['render-3-4711'] }),
    version: z.string().meta({ description: 'Of Weir' }),
    runtime: z.string().meta({ description: 'What it brings itself: it gets only goals of this runtime' }),
    labels: z.array(z.string()).meta({ description: 'It runs tasks of these labels' }),
    slots: z.int().meta({ description: 'How many goals or batches it runs at once' }),
    /** What its busy slots do, the oldest first. */
    running: z.array(z.object({ task: z.string(), runId: z.string(), goals: z.int(), since: time })),
    ended: z.int().meta({ description: 'Attempts and batches that ended here since it started' }),
    startedAt: time,
    seenAt: time.meta({ description: 'It reports every few seconds' }),
    drainingSince: time.nullable().meta({ description: 'Null while it takes work' }),
    state: z.enum(['serving', 'draining', 'silent']).meta({
      description: '`silent`: it was killed, or is cut off from the database. Its goals run again elsewhere',
    }),
  })
  .meta({ id: 'Worker' });

export const workerQueue = z
  .object({
    label: z.string(),
    runtime: z.string(),
    waiting: z
      .int()
      .nullable()
      .meta({ description: 'Goals and batches that no worker has begun; null when Temporal has the queue' }),
    workers: z.int().meta({ description: 'Workers that take them; with none they wait until one starts' }),
  })
  .meta({ id: 'WorkerQueue' });

export const workers = z.object({ items: z.array(worker), queues: z.array(workerQueue) }).meta({ id: 'Workers' });

export const workerPath = z.object({
  worker: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Name or id of a worker', examples: ['render-3-4711'] }),
});

/** Why a worker is drained, and by whom. */
export const workerChange = z.strictObject(recordedChange).meta({ id: 'WorkerChange' });

/** The endpoints of workers; `routes` has them with all others. */
export const workerRoutes = {
  workers: {
    method: 'GET',
    path: '/api/workers',
    tag: 'runs',
    access: 'viewer',
    summary: 'Workers on this database: labels, slots, what each does, and what waits for them',
    answer: workers,
  },
  drainWorker: {
    method: 'POST',
    path: '/api/workers/:worker/drain',
    tag: 'runs',
    access: 'operator',
    summary: 'Ask a worker to take nothing new, and to end when what it runs has ended',
    params: workerPath,
    body: workerChange,
    answer: worker,
  },
} as const;

export type Worker = z.infer<typeof worker>;
export type WorkerQueue = z.infer<typeof workerQueue>;
