import { BUCKETS, bucketOf, countsOf, isChosen } from './buckets.ts';
import type { Panel } from './dashboard.ts';

/*
 * Panels about how predictions are served: how fast, which requests are refused, and whether what is served looks and
 * behaves as in training.
 */
const ROUTE = 'POST /api/predict';
const REQUESTS = `
    from ${countsOf('request_counts', { isBucketed: true })} as counts
   where route = '${ROUTE}'`;
const OF_VERSION = isChosen('version', "model || '@' || model_version");
const OF_COLUMN = isChosen('column', 'column_name');
/** SQL of the windows that were judged in the time range, each with its time bucket. */
const JUDGED = `
with judged as materialized (
  select id, stream, ${bucketOf('to_at')} as time
    from weir.drift_windows
   where status = 'judged' and $__timeFilter(to_at) and ${OF_VERSION}
)`;

export const predictLatency: Panel = {
  id: 'predict-latency',
  title: 'Time to answer a prediction',
  description: `Of half of the requests to ${ROUTE}, of 95 and of 99 in 100: they took at most so long, of eight bounds in a decade. A gap is a time without requests.`,
  kind: 'timeseries',
  unit: 'milliseconds',
  thresholds: [],
  width: 8,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), quantiles (place, metric, quantile) as (
  values (1, 'median', 0.5), (2, '95 of 100', 0.95), (3, '99 of 100', 0.99)
), counted as (
  select ${bucketOf('at')} as time, duration_ms, sum(requests) as requests ${REQUESTS}
   group by 1, 2
), cumulated as (
  select time, duration_ms, sum(requests) over (partition by time order by duration_ms) / sum(requests) over (partition by time) as share
    from counted
), measured as (
  select time, place, min(duration_ms) as value from cumulated join quantiles on share >= quantile group by 1, 2
)
select time, metric, value
  from buckets cross join quantiles left join measured using (time, place)
 order by time, place`.trimStart(),
};

export const requestErrors: Panel = {
  id: 'request-errors',
  title: 'Predictions refused or failed',
  description: `Share of the requests to ${ROUTE} that were refused (4xx) or failed (5xx). A gap is a time without requests.`,
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [],
  width: 8,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, 100.0 * sum(requests) filter (where status = '4xx') / sum(requests) as refused,
         100.0 * sum(requests) filter (where status = '5xx') / sum(requests) as failed, sum(requests) as requests ${REQUESTS}
   group by 1
)
select time, metric, case when requests > 0 then coalesce(value, 0) end as value
  from buckets left join counted using (time),
       lateral (values (1, 'refused', refused), (2, 'failed', failed)) as lines (place, metric, value)
 order by time, place`.trimStart(),
};

export const refusedFields: Panel = {
  id: 'refused-fields',
  title: 'Fields that requests are refused for',
  description: `Requests to ${ROUTE} by the field that breaks the contract, for the eight with most; a request counts once for each. "other" is what the contract does not know.`,
  kind: 'bars',
  unit: 'count',
  thresholds: [],
  stacked: true,
  width: 8,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, field, sum(requests) as requests
    from ${countsOf('refused_fields', { isBucketed: true })} as counts
   where route = '${ROUTE}'
   group by 1, 2
), most as (
  select field, sum(requests) as requests from counted group by 1 order by 2 desc, 1 limit 8
)
select time, field as metric, coalesce(counted.requests, 0) as value
  from buckets cross join most left join counted using (time, field)
 order by time, most.requests desc, field`.trimStart(),
};

export const trainingAndServing: Panel = {
  id: 'training-and-serving',
  title: 'Features in training and in serving',
  description:
    'Means and percentiles of the training rows beside those of the predictions judged last. What matters most to the model comes first.',
  kind: 'table',
  unit: 'none',
  thresholds: [],
  width: 12,
  height: 10,
  sql: `
with latest as (
  select id, to_at
    from weir.drift_windows
   where status = 'judged' and stream = 'predictions' and to_at <= $__timeTo()::timestamptz and ${OF_VERSION}
   order by to_at desc, id desc
   limit 1
)
select column_name as "column", round(reference_mean::numeric, 3) as "training mean", round(current_mean::numeric, 3) as "serving mean",
       round(reference_quantiles[2]::numeric, 3) as "training median", round(current_quantiles[2]::numeric, 3) as "serving median",
       round(reference_quantiles[1]::numeric, 3) || ' to ' || round(reference_quantiles[3]::numeric, 3) as "training 10 to 90 %",
       round(current_quantiles[1]::numeric, 3) || ' to ' || round(current_quantiles[3]::numeric, 3) as "serving 10 to 90 %",
       current_rows as rows, to_at as "judged until"
  from latest join weir.drift_scores on window_id = latest.id
 where subject = 'feature' and reference_mean is not null and ${OF_COLUMN}
 order by importance desc nulls last, column_name
 limit 50`.trimStart(),
};

interface ScoreLines extends Pick<Panel, 'id' | 'title' | 'description'> {
  /** SQL of a share, and which comparisons have it. */
  readonly share: string;
  readonly where: string;
  readonly height: number;
}

/** A line for each of the eight columns with the largest share in some window. */
const scoreLines = ({ share, where, ...panel }: ScoreLines): Panel => ({
  ...panel,
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [],
  width: 12,
  sql: `
${JUDGED.trim()}, scored as (
  select time, column_name, 100 * max(${share}) as share
    from judged join weir.drift_scores on window_id = judged.id
   where ${OF_COLUMN} and ${where}
   group by 1, 2
), most as (
  select column_name, max(share) as share from scored group by 1 order by 2 desc, 1 limit 8
)
select time, column_name as metric, scored.share as value
  from scored join most using (column_name)
 order by time, most.share desc, column_name`.trimStart(),
});

export const valuesOutsideTraining = scoreLines({
  id: 'values-outside-training',
  title: 'Served values that training did not have',
  description:
    'Share of the values of served rows that are out of the range of the training rows, or of a category that they do not have. The eight columns with most.',
  share: 'outside_share',
  where: "stream = 'predictions' and subject = 'feature' and outside_share is not null",
  height: 10,
});

export const missingDrift = scoreLines({
  id: 'missing-drift',
  title: 'Missing values, against training',
  description:
    'By how many percentage points the share of empty cells differs from the training rows, in each judged window. The eight columns with most.',
  share: 'effect',
  where: "kind = 'missing' and subject = 'feature'",
  height: 8,
});

/** What the challenger would have predicted, beside what was served, of classes or of numbers. */
export const challenger = (of: 'classes' | 'numbers'): Panel => ({
  id: 'challenger',
  title: 'Challenger against served predictions',
  description: `${
    of === 'classes'
      ? 'Share of the predictions of a judged window for which the challenger says another class'
      : 'Mean absolute difference of the challenger from the predictions of a judged window'
  }; up to 200 of each window are made again with it. A gap is a time without a challenger.`,
  kind: 'timeseries',
  unit: of === 'classes' ? 'percent' : 'none',
  thresholds: [],
  width: 12,
  height: 8,
  sql: `
select ${bucketOf('to_at')} as time, model || '@' || challenger_version as metric,
       ${of === 'classes' ? '100 * ' : ''}sum(challenger_difference * challenger_rows) / sum(challenger_rows) as value
  from weir.drift_windows
 where challenger_rows > 0 and $__timeFilter(to_at) and ${OF_VERSION}
 group by 1, 2
 order by 1, 2`.trimStart(),
});

export const skew: Panel = {
  id: 'skew',
  title: 'Predictions that cannot be repeated',
  description:
    'Share of stored predictions that their model version does not repeat, from the features as served or as training reads the same row. Anything but zero is a fault.',
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [
    { from: null, color: 'green' },
    { from: 0.000001, color: 'red' },
  ],
  width: 8,
  height: 8,
  sql: `
${JUDGED.trim()}
select time, 'not repeated' as metric, 100 * max(effect) as value
  from judged join weir.drift_scores on window_id = judged.id
 where kind = 'skew'
 group by 1
 order by 1`.trimStart(),
};
