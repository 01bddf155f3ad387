import { BUCKETS, bucketOf, countByState, countsOf, isChosen } from './buckets.ts';
import type { Panel, Variable } from './dashboard.ts';

/** SQL of the champion at the end of the window, so that a past window compares with the model of that time. */
export const CHAMPION = `
  select model, version, manifest -> 'evaluation' as evaluation
    from weir.promotions join weir.model_versions using (model, version)
   where alias = 'champion' and at <= $__timeTo()::timestamptz
   order by promotions.id desc
   limit 1`;

/** SQL that is true of predictions of the chosen model versions. */
export const OF_VERSION = isChosen('version', "model || '@' || model_version");

/** SQL of predictions counted in the window; the first minute of the window is taken whole, as the first bucket of a chart is. */
export const COUNTED = `
  from ${countsOf('prediction_counts')} as counts
 where ${OF_VERSION}`;

/** SQL of predictions counted in the buckets of a chart. */
export const COUNTED_IN_BUCKETS = `
  from ${countsOf('prediction_counts', { isBucketed: true })} as counts
 where ${OF_VERSION}`;

/** The same of the probabilities of the predicted classes. */
export const CONFIDENCES = `
  from ${countsOf('confidence_counts')} as counts
 where ${OF_VERSION}`;
export const CONFIDENCES_IN_BUCKETS = `
  from ${countsOf('confidence_counts', { isBucketed: true })} as counts
 where ${OF_VERSION}`;

/** What both dashboards of predictions can be narrowed to. */
export const PREDICTION_VARIABLES: readonly Variable[] = [
  {
    name: 'version',
    title: 'Model version',
    sql: `select version from (select model || '@' || model_version as version, sum(number) as number from ${countsOf('prediction_counts')} as counts group by 1) as versions order by number desc, version`,
  },
  {
    name: 'column',
    title: 'Column',
    sql: `select distinct column_name from ${countsOf('column_counts')} as counts order by 1`,
  },
];

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
  sql: `select extract(epoch from $__timeTo()::timestamptz - max(at)) as value from weir.predictions where at <= $__timeTo()::timestamptz and ${OF_VERSION}`,
};

export const predictionsBySource: Panel = {
  id: 'predictions-by-source',
  title: 'Predictions by source',
  description: 'Predictions made in each time bucket.',
  kind: 'bars',
  unit: 'count',
  link: { list: 'predictions', metric: 'source' },
  thresholds: [],
  stacked: true,
  width: 12,
  height: 8,
  sql: countByState({
    table: `${countsOf('prediction_counts', { isBucketed: true })} as counts`,
    at: 'at',
    number: 'sum(number)',
    where: OF_VERSION,
    isWithin: true,
    state: 'source',
    states: ['webapp', 'scheduled', 'api'],
  }),
};

export const modelVersions: Panel = {
  id: 'model-versions',
  title: 'Model versions that predicted',
  kind: 'bars',
  unit: 'count',
  link: { list: 'predictions' },
  thresholds: [],
  stacked: true,
  width: 8,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, model, model_version, sum(number) as number ${COUNTED_IN_BUCKETS}
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
  width: 8,
  height: 8,
  sql: countByState({
    table: `${countsOf('run_counts', { isBucketed: true })} as counts`,
    at: 'at',
    number: 'sum(runs)',
    state: 'state',
    states: ['succeeded', 'skipped', 'failed', 'cancelled'],
    where: "pipeline = 'predict'",
    isWithin: true,
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
  select counts.*, true as is_now
    from ${countsOf('column_counts')} as counts
   where ${isChosen('column', 'column_name')}
  union all
  select counts.*, false
    from weir.column_counts_between($__timeFrom()::timestamptz - interval '7 days', date_trunc('minute', $__timeFrom()::timestamptz) - interval '1 microsecond', '1 hour') as counts
   where ${isChosen('column', 'column_name')}
), summed as (
  select column_name, is_now, sum(files) as files, 100.0 * sum(nulls) / nullif(sum(rows_in), 0) as missing,
         sum(total) / nullif(sum(numbers), 0) as mean
    from placed
   group by 1, 2
  having sum(files) > 0
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
       round((100 * probability)::numeric, 1) as "probability %", round(latency_ms::numeric, 1) as "latency ms", features
  from weir.predictions
 where $__timeFilter(at) and ${OF_VERSION}
 order by at desc, id desc
 limit 50`.trimStart(),
});
