import { z } from 'zod';
import type { Queryable } from '#store';
import { bySql, defineCondition } from './condition.ts';
import { intervalMinutes } from './minutes.ts';

const pipeline = z.string().min(1).max(100).meta({ description: 'Whose runs are watched', names: 'pipeline' });
/** Runs in a row that are counted. */
const RUNS_MAX = 50;
const ENDED = 'pipeline = $2 and created_at <= m.at and ended_at <= m.at';

interface AskedRun {
  readonly params: { readonly pipeline: string };
  readonly at: Date;
}

/** The newest run of a pipeline that has one of these states. */
const newestRun =
  (...states: readonly string[]) =>
  async (queryable: Queryable, { params, at }: AskedRun): Promise<string | undefined> => {
    const [run] = await queryable.query<{ readonly id: string }>(
      `select id::text from runs where pipeline = $1 and created_at <= $2 and state = any($3::text[])
        order by created_at desc, id desc limit 1`,
      [params.pipeline, at, [...states]],
    );
    return run?.id;
  };

export const runFailed = defineCondition({
  kind: 'run-failed',
  title: 'Runs of a pipeline fail',
  suggested: { threshold: 1, severity: 'high' },
  unit: 'count',
  firesWhen: 'at-least',
  params: z.strictObject({ pipeline }),
  everyMinutes: 1,
  runOf: newestRun('failed'),
  describe: ({ pipeline: name }) =>
    `Latest runs of the pipeline ${name} that failed one after the other; skipped and cancelled runs do not count.`,
  measure: bySql(
    `select case when count(*) > 0 then count(*) filter (where better = 0) end as value, null::text as detail
       from (select sum((state = 'succeeded')::int) over (order by created_at desc, id desc) as better
               from (select state, created_at, id from runs where ${ENDED} and state in ('failed', 'succeeded')
                      order by created_at desc, id desc limit ${RUNS_MAX}) as latest) as counted`,
    ({ params }) => [params.pipeline],
  ),
});

export const runLate = defineCondition({
  kind: 'run-late',
  title: 'Runs of a pipeline are late',
  suggested: { threshold: 3, forMinutes: 5, severity: 'medium' },
  unit: 'intervals',
  firesWhen: 'at-least',
  params: z.strictObject({ pipeline, intervalMinutes }),
  everyMinutes: 1,
  runOf: newestRun('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'),
  describe: ({ pipeline: name, intervalMinutes: minutes }) =>
    `Time since the pipeline ${name} last started, in intervals of its schedule (${minutes} min). No data before its first run and while its schedule is paused.`,
  measure: bySql(
    `select case when changes.action is distinct from 'pause'
              then extract(epoch from m.at - greatest(last.at, changes.at)) / 60 / $3::float8 end as value,
            format('the last run started at %s', to_char(last.at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) as detail
       from (select max(created_at) as at from runs where pipeline = $2 and created_at <= m.at) as last
       left join lateral (select action, at from schedule_changes where pipeline = $2 and at <= m.at order by id desc limit 1) as changes on true
      where last.at is not null`,
    ({ params }) => [params.pipeline, params.intervalMinutes],
  ),
});

export const predictionsSkipped = defineCondition({
  kind: 'predictions-skipped',
  title: 'Predictions are skipped',
  suggested: { threshold: 10, severity: 'low' },
  unit: 'intervals',
  firesWhen: 'at-least',
  params: z.strictObject({ pipeline: pipeline.default('predict'), intervalMinutes: intervalMinutes.default(2) }),
  everyMinutes: 1,
  runOf: newestRun('skipped'),
  describe: ({ pipeline: name, intervalMinutes: minutes }) =>
    `Time for which all runs of the pipeline ${name} were skipped, in intervals: the median time between its last ${RUNS_MAX} runs that predicted, and at least ${minutes} min. No data before the first of those.`,
  measure: bySql(
    `select case when max(since) is not null then
              case when (select state from runs where ${ENDED} order by created_at desc, id desc limit 1) = 'skipped'
                   then extract(epoch from m.at - max(since)) / 60
                          / greatest($3::float8, percentile_cont(0.5) within group (order by gap))
                   else 0 end end as value,
            format('the last run that predicted started at %s', to_char(max(since) at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) as detail
       from (select created_at as since, extract(epoch from created_at - lag(created_at) over (order by created_at)) / 60 as gap
               from (select created_at from runs where ${ENDED} and state = 'succeeded'
                      order by created_at desc limit ${RUNS_MAX}) as latest) as gaps`,
    ({ params }) => [params.pipeline, params.intervalMinutes],
  ),
});
