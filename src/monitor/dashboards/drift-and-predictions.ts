import { BUCKETS, bucketOf, countByState, inBuckets, WINDOWS } from './buckets.ts';
import { defineDashboard } from './define-dashboard.ts';

// The champion at the end of the window, so that a past window compares with the model of that time.
const CHAMPION = `
  select model, version, manifest -> 'evaluation' as evaluation
    from weir.promotions join weir.model_versions using (model, version)
   where alias = 'champion' and at <= $__timeTo()::timestamptz
   order by promotions.id desc
   limit 1`;

// Counts by the minute; the first minute of the window is taken whole, as the first bucket of a chart is.
const COUNTED = `
  from weir.prediction_counts
 where minute >= date_trunc('minute', $__timeFrom()::timestamptz) and minute <= $__timeTo()::timestamptz`;

/** For ML engineers: what the models predict, and whether data and predictions are still as in training. */
export const driftAndPredictions = defineDashboard({
  id: 'drift-and-predictions',
  title: 'Drift and predictions',
  audience: 'ML engineers',
  windows: WINDOWS,
  defaultWindowMinutes: 30,
  refreshSeconds: 15,
  panels: [
    {
      id: 'predictions',
      title: 'Predictions',
      kind: 'stat',
      unit: 'count',
      thresholds: [],
      width: 6,
      height: 4,
      sql: `select coalesce(sum(number), 0) as value ${COUNTED.trim()}`,
    },
    {
      id: 'constant-prediction',
      title: 'Most frequent prediction',
      description:
        'Share of the value predicted most often by one model version. Near 100 % the model says the same of everything. Grey below 20 predictions.',
      kind: 'stat',
      unit: 'percent',
      thresholds: [
        { from: null, color: 'green' },
        { from: 95, color: 'orange' },
        { from: 100, color: 'red' },
      ],
      width: 6,
      height: 4,
      sql: `
select 100.0 * max(most) / nullif(max(total), 0) as value
  from (
    select max(number) as most, sum(number) as total
      from (select model, model_version, sum(number) as number ${COUNTED} group by model, model_version, prediction) as counted
     group by model, model_version
    having sum(number) >= 20
     order by 1.0 * max(number) / sum(number) desc
     limit 1
  ) as most_constant`.trimStart(),
    },
    {
      id: 'distinct-predictions',
      title: 'Different predictions',
      description: 'How many different values were predicted. Grey without predictions.',
      kind: 'stat',
      unit: 'count',
      thresholds: [
        { from: null, color: 'orange' },
        { from: 2, color: 'green' },
      ],
      width: 6,
      height: 4,
      sql: `select nullif(count(distinct prediction), 0) as value ${COUNTED.trim()}`,
    },
    {
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
    },
    {
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
    },
    {
      id: 'class-shares',
      title: 'Predicted classes, now and when evaluated',
      description:
        'Share of each class among the predictions of the window, beside what the champion predicted for its test rows and what they really were.',
      kind: 'categories',
      unit: 'percent',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with champion as (${CHAMPION}
), predicted as (
  select prediction as class, sum(number) as number ${COUNTED} and model = (select model from champion)
   group by 1
), evaluated as (
  select entry ->> 'class' as class, (entry ->> 'support')::float8 as real,
         (select sum((row ->> (place - 1)::integer)::float8) from jsonb_array_elements(evaluation -> 'confusion') as row) as predicted
    from champion, jsonb_array_elements(evaluation -> 'classes') with ordinality as classes (entry, place)
), shares (place, metric, class, number) as (
  select 1, 'predicted now', class, coalesce(number, 0) from evaluated full join predicted using (class)
   where exists (select from predicted) and exists (select from evaluated)
  union all
  select 2, 'predicted for test rows', class, predicted from evaluated
  union all
  select 3, 'real in test rows', class, real from evaluated
)
select class as category, metric, 100.0 * number / nullif(sum(number) over (partition by metric), 0) as value
  from shares
 order by class, place`.trimStart(),
    },
    {
      id: 'most-frequent-share',
      title: 'Most frequent prediction over time',
      description: 'Share of the value predicted most often. A gap is a time without predictions.',
      kind: 'timeseries',
      unit: 'percent',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('minute')} as time, prediction, sum(number) as number from weir.prediction_counts where ${inBuckets('minute')} group by 1, 2
), most as (
  select time, 100.0 * max(number) / sum(number) as share from counted group by 1
)
select time, 'most frequent' as metric, share as value from buckets left join most using (time) order by time`.trimStart(),
    },
    {
      id: 'confidence',
      title: 'Confidence of predictions',
      description:
        'Probability of the predicted class, in whole percent: of half of the predictions, and of the least certain tenth, at most so much.',
      kind: 'timeseries',
      unit: 'percent',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), quantiles (place, metric, quantile) as (
  values (1, 'median', 0.5), (2, 'least certain tenth', 0.1)
), counted as (
  select ${bucketOf('minute')} as time, confidence, sum(number) as number
    from weir.prediction_confidences
   where ${inBuckets('minute')}
   group by 1, 2
), cumulated as (
  select time, confidence, sum(number) over (partition by time order by confidence) / sum(number) over (partition by time) as share
    from counted
), measured as (
  select time, place, min(confidence) as value from cumulated join quantiles on share >= quantile group by 1, 2
)
select time, metric, value
  from buckets cross join quantiles left join measured using (time, place)
 order by time, place`.trimStart(),
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
      id: 'latest-predictions',
      title: 'Latest predictions',
      kind: 'table',
      unit: 'none',
      thresholds: [],
      width: 24,
      height: 10,
      sql: `
select at, source, model_version as version, prediction #>> '{}' as prediction,
       round((100 * probability)::numeric, 1) as "probability %", features
  from weir.predictions
 where $__timeFilter(at)
 order by at desc, id desc
 limit 50`.trimStart(),
    },
  ],
});
