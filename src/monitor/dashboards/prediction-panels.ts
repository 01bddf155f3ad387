import { BUCKETS, bucketOf, countByState, inBuckets } from './buckets.ts';
import type { Panel } from './dashboard.ts';

/** SQL of the champion at the end of the window, so that a past window compares with the model of that time. */
export const CHAMPION = `
  select model, version, manifest -> 'evaluation' as evaluation
    from weir.promotions join weir.model_versions using (model, version)
   where alias = 'champion' and at <= $__timeTo()::timestamptz
   order by promotions.id desc
   limit 1`;

/** SQL of predictions counted by the minute; the first minute of the window is taken whole, as the first bucket of a chart is. */
export const COUNTED = `
  from weir.prediction_counts
 where minute >= date_trunc('minute', $__timeFrom()::timestamptz) and minute <= $__timeTo()::timestamptz`;

/** The panels that classes and numbers have in common. */
export const predictionCount: Panel = {
  id: 'predictions',
  title: 'Predictions',
  kind: 'stat',
  unit: 'count',
  thresholds: [],
  width: 6,
  height: 4,
  sql: `select coalesce(sum(number), 0) as value ${COUNTED.trim()}`,
};

export const sinceLastPrediction: Panel = {
  id: 'since-last-prediction',
  title: 'Since the last prediction',
  description: 'Whatever the window. Grey when there has never been one.',
  kind: 'stat',
  unit: 'seconds',
  thresholds: [
    { from: null, color: 'green' },
    { from: 300, color: 'orange' },
    { from: 900, color: 'red' },
  ],
  width: 6,
  height: 4,
  sql: 'select extract(epoch from $__timeTo()::timestamptz - max(at)) as value from weir.predictions where at <= $__timeTo()::timestamptz',
};

export const predictionsBySource: Panel = {
  id: 'predictions-by-source',
  title: 'Predictions by source',
  description: 'Predictions made in each time bucket.',
  kind: 'bars',
  unit: 'count',
  thresholds: [],
  stacked: true,
  width: 12,
  height: 8,
  sql: countByState({
    table: 'weir.prediction_counts',
    at: 'minute',
    number: 'sum(number)',
    state: 'source',
    states: ['webapp', 'scheduled', 'api'],
  }),
};

export const modelVersions: Panel = {
  id: 'model-versions',
  title: 'Model versions that predicted',
  kind: 'bars',
  unit: 'count',
  thresholds: [],
  stacked: true,
  width: 12,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('minute')} as time, model, model_version, sum(number) as number
    from weir.prediction_counts
   where ${inBuckets('minute')}
   group by 1, 2, 3
)
select time, 'version ' || model_version as metric, coalesce(number, 0) as value
  from buckets cross join (select distinct model, model_version from counted) as seen
  left join counted using (time, model, model_version)
 order by time, model_version, model`.trimStart(),
};

export const predictRuns: Panel = {
  id: 'predict-runs',
  title: 'Scheduled prediction runs',
  description: 'A run is skipped when there is no new data.',
  kind: 'bars',
  unit: 'count',
  thresholds: [],
  stacked: true,
  colors: { succeeded: 'green', skipped: 'grey', failed: 'red', cancelled: 'orange' },
  width: 12,
  height: 8,
  sql: countByState({
    table: 'weir.runs',
    at: 'created_at',
    state: 'state',
    states: ['succeeded', 'skipped', 'failed', 'cancelled'],
    where: "pipeline = 'predict'",
  }),
};

export const arrivingColumns: Panel = {
  id: 'columns',
  title: 'Columns of arriving files, against earlier files',
  description:
    'Means and missing values of the files checked in the window, beside those of the seven days before it. A difference is a reason to look, not yet a verdict.',
  kind: 'table',
  unit: 'none',
  thresholds: [],
  width: 12,
  height: 10,
  sql: `
with placed as (
  select column_name, checked_at >= $__timeFrom()::timestamptz as is_now, mean, null_count, rows_in
    from weir.check_columns join weir.checks on checks.id = check_columns.check_id
   where checked_at <= $__timeTo()::timestamptz and rows_in > 0
     and checked_at > $__timeFrom()::timestamptz - interval '7 days'
), summed as (
  select column_name, is_now, count(*) as files, 100.0 * sum(null_count) / sum(rows_in) as missing,
         sum(mean * (rows_in - null_count)) / nullif(sum(rows_in - null_count) filter (where mean is not null), 0) as mean
    from placed
   group by 1, 2
)
select column_name as "column", current.files, round(current.mean::numeric, 3) as mean, round(earlier.mean::numeric, 3) as "earlier mean",
       round(current.missing, 2) as "missing %", round(earlier.missing, 2) as "earlier missing %"
  from (select * from summed where is_now) as current left join (select * from summed where not is_now) as earlier using (column_name)
 order by column_name`.trimStart(),
};

export const promotions: Panel = {
  id: 'promotions',
  title: 'Model version timeline',
  description: 'Which version an alias pointed to, and why: the latest promotions up to the end of the window.',
  kind: 'table',
  unit: 'none',
  thresholds: [],
  width: 12,
  height: 10,
  sql: `
select at, model, alias, version, previous as "instead of", actor, reason
  from weir.promotions
 where at <= $__timeTo()::timestamptz
 order by id desc
 limit 20`.trimStart(),
};

/** The predictions made last; `predicted` is the SQL of what was predicted. */
export const latestPredictions = (predicted: string): Panel => ({
  id: 'latest-predictions',
  title: 'Latest predictions',
  kind: 'table',
  unit: 'none',
  thresholds: [],
  width: 24,
  height: 10,
  sql: `
select at, source, model_version as version, ${predicted} as prediction,
       round((100 * probability)::numeric, 1) as "probability %", features
  from weir.predictions
 where $__timeFilter(at)
 order by at desc, id desc
 limit 50`.trimStart(),
});
