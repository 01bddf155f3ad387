import { BUCKETS, bucketOf, countsOf, isChosen } from './buckets.ts';
import type { Panel } from './dashboard.ts';

/*
 * Panels about columns and about what labels say, which both dashboards of predictions have.
 */
const COLUMNS_IN_BUCKETS = countsOf('column_counts', { isBucketed: true });
const PROBLEMS_IN_BUCKETS = countsOf('problem_counts', { isBucketed: true });
const OF_COLUMN = isChosen('column', 'column_name');
const OF_VERSION = isChosen('version', "model || '@' || model_version");

/** The share of empty cells; `where` is SQL that chooses the counts. */
export const missingValues = (where: string): Panel => ({
  id: 'missing-values',
  title: 'Missing values per column',
  description:
    'Share of empty cells, for the eight columns with most of them. A gap is a time in which no row was checked.',
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [],
  width: 12,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, column_name, sum(nulls) as nulls, sum(rows_in) as number
    from ${COLUMNS_IN_BUCKETS} as counts
   where ${where}
   group by 1, 2
), worst as (
  select column_name, sum(nulls) as nulls from counted group by 1 order by 2 desc, 1 limit 8
)
select time, column_name as metric, 100.0 * counted.nulls / nullif(counted.number, 0) as value
  from buckets cross join worst left join counted using (time, column_name)
 order by time, worst.nulls desc, column_name`.trimStart(),
});

export const missingValuesOfColumns = missingValues(OF_COLUMN);

export const unusualValues: Panel = {
  id: 'unusual-values',
  title: 'Values that the contract does not know',
  description:
    'Arriving cells with an unknown category or out of range, per 100 rows of the files. A gap is a time in which no row was checked.',
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [],
  width: 12,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), arrived as (
  select ${bucketOf('at')} as time, sum(rows_in) as number
    from ${countsOf('check_counts', { isBucketed: true })} as counts
   group by 1
), counted as (
  select ${bucketOf('at')} as time, category, sum(rows) as rows
    from ${PROBLEMS_IN_BUCKETS} as counts
   where category in ('unknown-category', 'out-of-range') and ${OF_COLUMN}
   group by 1, 2
)
select time, category as metric, 100.0 * coalesce(rows, 0) / nullif(number, 0) as value
  from buckets cross join (values ('unknown-category'), ('out-of-range')) as categories (category)
  left join arrived using (time) left join counted using (time, category)
 order by time, category desc`.trimStart(),
};

export const driftOfColumns: Panel = {
  id: 'drift',
  title: 'Drift by column, in the window judged last',
  description:
    'Difference from the training rows, and the threshold that holds for so many rows. What matters most to the model comes first.',
  kind: 'table',
  unit: 'none',
  thresholds: [],
  colors: { stable: 'green', drifted: 'red' },
  width: 12,
  height: 10,
  sql: `
with latest as (
  select distinct on (stream) id, stream, to_at
    from weir.drift_windows
   where status = 'judged' and to_at <= $__timeTo()::timestamptz and ${OF_VERSION}
   order by stream, to_at desc, id desc
)
select column_name as "column", stream as "rows of", kind as compared, verdict, round(effect::numeric, 3) as difference,
       round(threshold::numeric, 3) as threshold, current_rows as rows, drifted_windows as "windows drifted", to_at as "judged until"
  from latest join weir.drift_scores on window_id = latest.id
 where ${OF_COLUMN}
 order by verdict, coalesce(importance, 0) * effect desc, effect desc, column_name
 limit 50`.trimStart(),
};

export const driftOverTime: Panel = {
  id: 'drift-over-time',
  title: 'Drift over time',
  description:
    'Difference of each judged window from the training rows, in percent of its threshold: from 100 on it is drift. The eight columns that came nearest to it, or beyond.',
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [
    { from: null, color: 'green' },
    { from: 100, color: 'red' },
  ],
  width: 12,
  height: 10,
  sql: `
with judged as materialized (
  select id, ${bucketOf('to_at')} as time
    from weir.drift_windows
   where status = 'judged' and $__timeFilter(to_at) and ${OF_VERSION}
), scored as (
  select time, column_name, max(100 * effect / nullif(threshold, 0)) as share
    from judged join weir.drift_scores on window_id = judged.id
   where ${OF_COLUMN}
   group by 1, 2
), worst as (
  select column_name, max(share) as most from scored group by 1 order by 2 desc nulls last, 1 limit 8
)
select time, column_name as metric, share as value
  from scored join worst using (column_name)
 order by time, most desc nulls last, column_name`.trimStart(),
};

/** Labels are counted by the quarter of an hour. */
const STEP = "greatest(interval '15 minutes', interval '$__interval')";

const QUARTER_BUCKETS = `
  select generate_series(date_bin(${STEP}, $__timeFrom()::timestamptz, 'epoch'), $__timeTo()::timestamptz, ${STEP}) as time`;
const OF_QUARTERS = `quarter >= date_bin(${STEP}, $__timeFrom()::timestamptz, 'epoch') and quarter <= $__timeTo()::timestamptz and ${OF_VERSION}`;

interface PerformanceLine {
  readonly title: string;
  readonly description: string;
  readonly unit: Panel['unit'];
  /** SQL of the sum over the labelled predictions and of the sum that is expected of all, each with its number. */
  readonly real: string;
  readonly estimated: string;
}

const performancePanel = ({ title, description, unit, real, estimated }: PerformanceLine): Panel => ({
  id: 'performance',
  title,
  description,
  kind: 'timeseries',
  unit,
  thresholds: [],
  width: 12,
  height: 8,
  sql: `
with buckets as (${QUARTER_BUCKETS}
), measured as (
  select date_bin(${STEP}, quarter, 'epoch') as time, ${real} as real, ${estimated} as estimated
    from weir.performance_quarters
   where ${OF_QUARTERS}
   group by 1
)
select time, metric, value
  from buckets left join measured using (time),
       lateral (values (1, 'real', real), (2, 'estimated', estimated)) as lines (place, metric, value)
 order by time, place`.trimStart(),
});

export const accuracyOverTime = performancePanel({
  title: 'Accuracy, real and estimated',
  description:
    'By the time of the prediction: of those whose label is known, and as estimated from the test rows until labels come. A gap is a time without them.',
  unit: 'percent',
  real: '100.0 * sum(number) filter (where is_labelled and predicted = actual) / nullif(sum(number) filter (where is_labelled and predicted is not null), 0)',
  estimated: '100.0 * sum(correct_expected) / nullif(sum(estimated), 0)',
});

export const absoluteErrorOverTime = performancePanel({
  title: 'Mean absolute error, real and estimated',
  description:
    'By the time of the prediction: of those whose label is known, and as estimated from the test rows until labels come. A gap is a time without them.',
  unit: 'label',
  real: 'sum(absolute) / nullif(sum(errors), 0)',
  estimated: 'sum(absolute_expected) / nullif(sum(estimated), 0)',
});

export const labelledShare: Panel = {
  id: 'labelled-share',
  title: 'Predictions whose label is known',
  description: 'Share of the predictions of each time that have a label by now: young ones have few.',
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [],
  width: 12,
  height: 8,
  sql: `
with buckets as (${QUARTER_BUCKETS}
), measured as (
  select date_bin(${STEP}, quarter, 'epoch') as time, 100.0 * sum(number) filter (where is_labelled) / sum(number) as share
    from weir.performance_quarters
   where ${OF_QUARTERS}
   group by 1
)
select time, 'labelled' as metric, share as value from buckets left join measured using (time) order by time`.trimStart(),
};
