import type { FastifyInstance } from 'fastify';
import { type Run, routes, type TaskRun } from '#api';
import {
  explainRun,
  type GetRunOptions,
  GOALS_PIPELINE,
  getRun,
  listRuns,
  type Params,
  type RunRecord,
  type TaskRunRecord,
} from '#engine';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { toWhy } from './why.ts';

const ENDED = ['succeeded', 'failed', 'cancelled', 'skipped'];
// Longer ids would not fit PostgreSQL's bigint.
const RUN_ID = /^[1-9]\d{0,17}$/;

export function registerRuns(app: FastifyInstance, context: RouteContext): void {
  const { database, engine, project } = context;
  fulfil(app, routes.runs, {
    handle: async ({ query }) => {
      const { items, nextCursor } = await listRuns(database, query);
      return { items: items.map(toRun), nextCursor };
    },
  });
  fulfil(app, routes.run, {
    handle: async ({ params, query }) => {
      const found = await runOf(context, params.id, query);
      const goals = query.changedSince === undefined ? {} : { goals: found.taskRuns.map(({ goal }) => goal) };
      const whys = await explainRun(database, found.id, goals);
      const taskRuns = found.taskRuns.map((taskRun) => ({ ...toTaskRun(taskRun), why: toWhy(whys.get(taskRun.goal)) }));
      return { ...toRun(found), taskRuns, asOf: found.asOf };
    },
  });
  fulfil(app, routes.startRun, {
    handle: async ({ params: { name }, body }) => {
      const names = project.pipelines.map((pipeline) => pipeline.name);
      if (name !== GOALS_PIPELINE && !names.includes(name)) {
        throw new ServerError(
          'pipeline_unknown',
          `Expected one of the pipelines ${names.join(', ')}; got ${JSON.stringify(name)}.`,
        );
      }
      const { params = {}, force = false } = body ?? {};
      const { runId, state } = await engine
        // Params came as JSON.
        .start({ pipeline: name, trigger: 'manual', params: params as Params, isForced: force });
      return { runId, state };
    },
  });
  fulfil(app, routes.retryRun, {
    handle: async ({ params: { id } }) => {
      const { state } = await runOf(context, id);
      if (!ENDED.includes(state)) {
        throw new ServerError('run_not_ended', `Run ${id} is ${state}; only one that has ended can be retried.`);
      }
      const retry = await engine.retry(id);
      return { runId: retry.runId, state: retry.state };
    },
  });
  fulfil(app, routes.cancelRun, {
    handle: async ({ params: { id } }) => {
      const { state } = await runOf(context, id);
      if (ENDED.includes(state)) {
        throw new ServerError(
          'run_ended',
          `Run ${id} has ended as ${state}; only a queued or running one can be cancelled.`,
        );
      }
      await engine.cancel(id, 'cancelled through the API');
      return { runId: id, state: (await runOf(context, id)).state };
    },
  });
}

async function runOf({ database }: RouteContext, id: string, options: GetRunOptions = {}) {
  const found = RUN_ID.test(id) ? await getRun(database, id, options) : undefined;
  if (found === undefined)
    throw new ServerError(
      'run_unknown',
      `There is no run ${JSON.stringify(id)}. The Runs page lists those that exist.`,
    );
  return found;
}

function toRun({
  id,
  pipeline,
  state,
  reason,
  trigger,
  params,
  given,
  isForced,
  interval,
  createdAt,
  startedAt,
  endedAt,
}: RunRecord): Run {
  return {
    id,
    pipeline,
    state,
    reason,
    trigger,
    params,
    given,
    isForced,
    interval: interval && { from: interval.from.toISOString(), to: interval.to.toISOString() },
    createdAt: createdAt.toISOString(),
    startedAt: toTime(startedAt),
    endedAt: toTime(endedAt),
  };
}

function toTaskRun(record: TaskRunRecord): Omit<TaskRun, 'why'> {
  const { goal, task, params, needs, state, reason, key, startedAt, endedAt, attempts } = record;
  return {
    goal,
    task,
    params,
    needs: [...needs],
    state,
    reason,
    key,
    startedAt: toTime(startedAt),
    endedAt: toTime(endedAt),
    attempts: attempts.map(({ number, outcome, error, log, ...times }) => ({
      number,
      startedAt: times.startedAt.toISOString(),
      endedAt: toTime(times.endedAt),
      outcome,
      // Without the stack: it names folders of this machine.
      error: error === null ? null : { class: error.class, name: error.name, message: error.message },
      log,
    })),
  };
}

function toTime(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
