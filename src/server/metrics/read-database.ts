import { championOf } from '#ml';
import type { Database, Transaction } from '#store';
import type { MetricName } from './definitions.ts';
import type { Labels } from './metrics.ts';

type Values = readonly (readonly [Labels, number])[];

/** What a look at the database found. */
export interface DatabaseMetrics {
  /** What there is now, by gauge. */
  readonly gauges: readonly (readonly [MetricName, Values])[];
  /** What happened in the period, by counter. */
  readonly counters: readonly (readonly [MetricName, Values])[];
  readonly until: Date;
}

/** A statement that takes longer fails the look, so that a scrape never waits for it. */
const STATEMENT_MS_MAX = 3_000;
/** Rows whose transaction commits a moment later than others are counted too. */
const SETTLING_SECONDS = 10;
/** What happened longer ago is not counted, after a time without scrapes. */
const PERIOD_HOURS_MAX = 1;

/** Reads all that the database knows, in one read-only transaction; each statement finds its rows by an index. */
export function readDatabase(
  database: Database,
  { model, since }: { readonly model: string; readonly since: Date },
): Promise<DatabaseMetrics> {
  return database.transaction(
    async (tx) => {
      const [period] = await tx.query<{ since: Date; until: Date }>(PERIOD, [since]);
      if (period === undefined) throw new Error('Expected a period of time.');
      const { until } = period;
      const champion = await championOf(tx, model);
      const gauges: [MetricName, Values][] = [
        ['weir_champion_version', champion === undefined ? [] : [[{}, champion.version]]],
      ];
      for (const [name, sql, values] of gaugesOf(model)) gauges.push([name, await read(tx, sql, values)]);
      const counters: [MetricName, Values][] = [];
      if (until > period.since)
        for (const [name, sql] of COUNTERS) counters.push([name, await read(tx, sql, [period.since, until])]);
      return { gauges, counters, until };
    },
    { readOnly: true, timeoutMs: STATEMENT_MS_MAX },
  );
}

/** Each row is a value and its labels. */
async function read(tx: Transaction, sql: string, values: readonly unknown[]): Promise<Values> {
  const rows = await tx.query<{ value: number } & Labels>(sql, values);
  return rows.map(({ value, ...labels }) => [labels, value]);
}

const PERIOD = `
  select greatest($1::timestamptz, clock_timestamp() - interval '${PERIOD_HOURS_MAX} hours') as since,
         greatest($1::timestamptz, clock_timestamp() - interval '${SETTLING_SECONDS} seconds') as until`;

const NEWEST_WINDOWS = `
  from (values ('data'), ('predictions')) as streams (stream),
       lateral (select verdict, to_at from drift_windows as own
                 where own.model = $1 and own.stream = streams.stream and verdict is not null
                 order by to_at desc, id desc limit 1) as newest`;

const gaugesOf = (model: string): readonly (readonly [MetricName, string, readonly unknown[]])[] => [
  [
    'weir_runs',
    `select pipeline, state, count(*)::float8 as value from runs where state in ('queued', 'running') group by 1, 2`,
    [],
  ],
  [
    'weir_task_runs',
    `select pipeline, task_runs.state, count(*)::float8 as value
       from runs join task_runs on run_id = runs.id
      where runs.state in ('queued', 'running') and task_runs.state in ('queued', 'running')
      group by 1, 2`,
    [],
  ],
  ['weir_drift_drifted', `select stream, (verdict = 'drifted')::integer as value ${NEWEST_WINDOWS}`, [model]],
  [
    'weir_drift_window_end_timestamp_seconds',
    `select stream, extract(epoch from to_at)::float8 as value ${NEWEST_WINDOWS}`,
    [model],
  ],
  ['weir_alert_rules_firing', `select count(*)::float8 as value from alert_rule_states where state = 'firing'`, []],
  [
    'weir_alert_deliveries_waiting',
    `select channel, count(*)::float8 as value from alert_deliveries where state = 'waiting' group by 1`,
    [],
  ],
  ['weir_alert_channel_dead', `select name as channel, (state <> 'closed')::integer as value from alert_channels`, []],
];

const ENDED_RUNS = 'from runs where ended_at > $1 and ended_at <= $2 group by 1, 2';
const CHECKS = 'from checks where checked_at > $1 and checked_at <= $2';

const COUNTERS: readonly (readonly [MetricName, string])[] = [
  ['weir_runs_ended_total', `select pipeline, state, count(*)::float8 as value ${ENDED_RUNS}`],
  [
    'weir_run_seconds_total',
    `select pipeline, state, coalesce(sum(extract(epoch from ended_at - started_at)), 0)::float8 as value ${ENDED_RUNS}`,
  ],
  [
    'weir_task_runs_ended_total',
    `select pipeline, task_runs.state, count(*)::float8 as value
       from runs join task_runs on run_id = runs.id
      where runs.ended_at > $1 and runs.ended_at <= $2
      group by 1, 2`,
  ],
  ['weir_checks_total', `select verdict, count(*)::float8 as value ${CHECKS} group by 1`],
  [
    'weir_checked_rows_total',
    `select result, sum(rows)::float8 as value
       from (select rows_good, rows_bad, rows_rejected ${CHECKS}) as checked,
            lateral (values ('good', rows_good), ('bad', rows_bad), ('rejected', rows_rejected)) as counted (result, rows)
      group by 1`,
  ],
  [
    'weir_alert_delivery_attempts_total',
    `select channel, outcome, count(*)::float8 as value
       from alert_attempts
      where started_at > $1::timestamptz - interval '1 hour' and ended_at > $1 and ended_at <= $2
      group by 1, 2`,
  ],
  [
    'weir_predictions_total',
    `select source, model || '@' || model_version as model_version, count(*)::float8 as value
       from predictions
      where source = 'scheduled' and at > $1 and at <= $2
      group by 1, 2`,
  ],
];
