import { z } from 'zod';
import { listCursor, listSearch, listSort, pageSize } from './list-query.ts';

export const runState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped']);
export const taskRunState = z.enum(['queued', 'running', 'succeeded', 'cached', 'failed', 'cancelled', 'skipped']);
const time = z.iso.datetime().nullable();
const params = z.record(z.string(), z.unknown());

export const run = z
  .object({
    id: z.string(),
    pipeline: z.string(),
    state: runState,
    reason: z.string().nullable(),
    trigger: z.enum(['schedule', 'manual', 'start', 'alert', 'recovery', 'backfill', 'retry']),
    params,
    /** Params of the request; `params` are those that the pipeline derived from them. */
    given: params.default({}),
    /** Whether the goals of the pipeline were computed even if they were complete. */
    isForced: z.boolean().default(false),
    /** The interval of the run, when a tick or a backfill requested it: from, and up to but not including. */
    interval: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable().default(null),
    createdAt: z.iso.datetime(),
    startedAt: time,
    endedAt: time,
  })
  .meta({ id: 'Run' });

export const attempt = z
  .object({
    number: z.int(),
    startedAt: z.iso.datetime(),
    endedAt: time,
    outcome: z.enum(['succeeded', 'failed', 'cancelled', 'skipped', 'lost', 'parked']).nullable(),
    error: z.object({ class: z.string(), name: z.string(), message: z.string() }).nullable(),
    log: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

/** One difference of a goal from its newest result, with a readable sentence. */
export const difference = z
  .object({
    kind: z.enum([
      'first',
      'param',
      'code',
      'input',
      'missing-output',
      'need',
      'forced',
      'forgotten',
      'skipped',
      'unknown',
    ]),
    sentence: z.string(),
    /** Name of the param, the input or the output. */
    name: z.string().nullable(),
    /** Identity of the goal that makes the input, when this run has it. */
    goal: z.string().nullable(),
  })
  .meta({ id: 'Difference' });

export const why = z
  .object({
    /** Why it was computed; empty when it was found complete. */
    differences: z.array(difference),
    /** Where the result of a cached task run came from. */
    from: z.object({ runId: z.string().nullable(), at: z.iso.datetime(), isAccepted: z.boolean() }).nullable(),
  })
  .meta({ id: 'Why' });

export const taskRun = z
  .object({
    goal: z.string(),
    task: z.string(),
    params,
    needs: z.array(z.string()),
    state: taskRunState,
    reason: z.string().nullable(),
    key: z.string().nullable(),
    startedAt: time,
    endedAt: time,
    attempts: z.array(attempt),
    /** Null for task runs that neither ran nor found a result. */
    why: why.nullable(),
  })
  .meta({ id: 'TaskRun' });

export const runsSort = listSort(['created', 'took', 'pipeline', 'state', 'trigger']);
export const runsQuery = z.strictObject({
  pipeline: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'Runs of this pipeline', examples: ['train'] }),
  state: runState.optional().meta({ description: 'Runs in this state', examples: ['succeeded'] }),
  sort: runsSort,
  search: listSearch,
  cursor: listCursor(['-created', '1000', '1000']),
  limit: pageSize(200),
});
export const runs = z.object({ items: z.array(run), nextCursor: z.string().nullable() }).meta({ id: 'Runs' });
export const runQuery = z.strictObject({
  changedSince: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .meta({
      description:
        '`asOf` of an earlier answer: only the task runs that changed after it are listed; all of them unless set',
      examples: ['1'],
    }),
});
export const runDetail = run
  .extend({
    taskRuns: z.array(taskRun),
    /** The state of the database that was read, for `changedSince`. */
    asOf: z.string().default('0'),
  })
  .meta({ id: 'RunDetail' });
/** The request of a run; may be empty when its pipeline needs no params. */
export const startRunBody = z
  .strictObject({
    /** Validated by the schema of the pipeline. For the pipeline `goals`: `{ "goals": [{ "task", "params" }] }`. */
    params: params.default({}),
    /** Compute the goals of the pipeline even if they are complete; their needs are not computed again. */
    force: z.boolean().default(false),
  })
  .meta({ id: 'StartRun' });
export const startedRun = z.object({ runId: z.string(), state: runState }).meta({ id: 'StartedRun' });

export type Run = z.infer<typeof run>;
export type Runs = z.infer<typeof runs>;
export type RunDetail = z.infer<typeof runDetail>;
export type TaskRun = z.infer<typeof taskRun>;
export type Why = z.infer<typeof why>;
export type Difference = z.infer<typeof difference>;
export type Attempt = z.infer<typeof attempt>;
export type RunState = z.infer<typeof runState>;
export type TaskRunState = z.infer<typeof taskRunState>;
