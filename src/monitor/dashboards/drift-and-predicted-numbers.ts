import { BUCKETS, bucketOf, inBuckets, WINDOWS } from './buckets.ts';
import {
  absoluteErrorOverTime,
  driftOfColumns,
  driftOverTime,
  labelledShare,
  missingValuesOfColumns,
  unusualValues,
} from './column-panels.ts';
import { defineDashboard } from './define-dashboard.ts';
import {
  arrivingColumns,
  CHAMPION,
  COUNTED,
  COUNTED_IN_BUCKETS,
  latestPredictions,
  modelVersions,
  OF_VERSION,
  PREDICTION_VARIABLES,
  predictionCount,
  predictionsBySource,
  predictRuns,
  promotions,
  sinceLastPrediction,
} from './prediction-panels.ts';
import {
  challenger,
  missingDrift,
  predictLatency,
  refusedFields,
  requestErrors,
  skew,
  trainingAndServing,
  valuesOutsideTraining,
} from './serving-panels.ts';

/** What is counted as text, as a number; a class that an earlier contract predicted is none. */
const NUMBER = `case when prediction ~ '^-?[0-9.]+(e[+-]?[0-9]+)?$' then prediction::float8 end`;

/** The newest predictions whose labels are looked up, so that the query takes a fraction of a second. */
const LABELLED_MAX = 20_000;

/** SQL of the errors of the predictions of the window whose label is known: predicted minus actual. */
const ERRORS = `
  select at, (made.prediction #>> '{}')::float8 - (label.value #>> '{}')::float8 as error
    from (select id, at, model, row_id, prediction from weir.predictions
           where ${inBuckets('at')} and jsonb_typeof(prediction) = 'number' and ${OF_VERSION}
           order by at desc limit ${LABELLED_MAX}) as made,
         lateral (select value
                    from (select value, observed_at, id from weir.labels where model = made.model and row_id = made.row_id
                          union all
                          select value, observed_at, id from weir.labels where model = made.model and prediction_id = made.id) as labels
                   order by observed_at desc, id desc limit 1) as label
   where jsonb_typeof(label.value) = 'number'`;

const EDGES = (path: string): string =>
  `array(select edge::float8 from jsonb_array_elements_text(evaluation #> '{distribution,${path},edges}') with ordinality as edges (edge, place) order by place)`;

const COUNTS = (path: string): string =>
  `jsonb_array_elements_text(evaluation #> '{distribution,${path}}') with ordinality as counts (number, bin)`;

/** SQL of the shares of numbers in each bin, from counts by metric and bin; the bins at both ends have one bound. */
const SHARES = `
select edges[bin] as low, edges[bin + 1] as high, metric, 100.0 * number / nullif(sum(number) over (partition by metric), 0) as value
  from counted, bins
 order by place, bin`;

/** For ML engineers: which numbers the models predict and how far off they are, and whether data are still as in training. */
export const driftAndPredictedNumbers = defineDashboard({
  id: 'drift-and-predicted-numbers',
  title: 'Drift and predicted numbers',
  audience: 'ML engineers',
  windows: WINDOWS,
  defaultWindowMinutes: 30,
  refreshSeconds: 15,
  variables: PREDICTION_VARIABLES,
  panels: [
    predictionCount,
    {
      id: 'average-prediction',
      title: 'Average prediction',
      description: 'Mean of the numbers predicted in the window. Grey without predictions.',
      kind: 'stat',
      unit: 'label',
      thresholds: [],
      width: 6,
      height: 4,
      sql: `select sum(total) / nullif(sum(number) filter (where total is not null), 0) as value ${COUNTED.trim()}`,
    },
    {
      id: 'average-error',
      title: 'Mean absolute error',
      description: 'Of the predictions of the window whose label is known. Grey while none is.',
      kind: 'stat',
      unit: 'label',
      thresholds: [],
      width: 6,
      height: 4,
      sql: `select avg(abs(error)) as value from (${ERRORS}) as errors`,
    },
    sinceLastPrediction,
    predictionsBySource,
    {
      id: 'predicted-over-time',
      title: 'Predicted numbers over time',
      description:
        'Average of each time bucket, and the range that holds the middle 80 % of its predictions. One line for all means that the model says the same of everything.',
      kind: 'timeseries',
      unit: 'label',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, ${NUMBER} as predicted, sum(number) as number, sum(total) as total ${COUNTED_IN_BUCKETS}
   group by 1, 2
), cumulated as (
  select time, predicted, number, total, sum(number) over (partition by time order by predicted) / sum(number) over (partition by time) as share
    from counted
   where predicted is not null
), measured as (
  select time, sum(total) / sum(number) as average,
         min(predicted) filter (where share >= 0.9) as high, min(predicted) filter (where share >= 0.1) as low
    from cumulated
   group by 1
)
select time, metric, value
  from buckets left join measured using (time),
       lateral (values (1, '90th percentile', high), (2, 'average', average), (3, '10th percentile', low)) as lines (place, metric, value)
 order by time, place`.trimStart(),
    },
    {
      id: 'prediction-band',
      title: 'Predictions, against those for the test rows',
      description:
        'Mean and median of what the champion predicts, beside the range that holds the middle 80 % of what it predicted for its test rows, to the bins of its evaluation.',
      kind: 'timeseries',
      unit: 'label',
      thresholds: [],
      width: 24,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), champion as (${CHAMPION}
), bins as (
  select ${EDGES('values')} as edges from champion where evaluation #> '{distribution,values}' is not null
), evaluated as (
  select bin - 1 as bin, sum(number::float8) over (order by bin) / nullif(sum(number::float8) over (), 0) as share
    from champion, ${COUNTS('values,predicted')}
), band as (
  select coalesce(edges[min(bin) filter (where share >= 0.1)], edges[1]) as low,
         coalesce(edges[min(bin) filter (where share >= 0.9) + 1], edges[cardinality(edges)]) as high
    from evaluated, bins
   group by edges
), counted as (
  select ${bucketOf('at')} as time, ${NUMBER} as predicted, sum(number) as number, sum(total) as total ${COUNTED_IN_BUCKETS}
     and model = (select model from champion)
   group by 1, 2
), cumulated as (
  select time, predicted, number, total, sum(number) over (partition by time order by predicted) / sum(number) over (partition by time) as share
    from counted
   where predicted is not null
), measured as (
  select time, sum(total) / sum(number) as mean, min(predicted) filter (where share >= 0.5) as median from cumulated group by 1
)
select time, metric, value
  from buckets left join measured using (time) left join band on true,
       lateral (values (1, 'test rows, 90th percentile', high), (2, 'mean', mean), (3, 'median', median), (4, 'test rows, 10th percentile', low)) as lines (place, metric, value)
 order by time, place`.trimStart(),
    },
    {
      id: 'number-shares',
      title: 'Predicted numbers, now and when evaluated',
      description:
        'Distribution of the predictions of the window, beside what the champion predicted for its test rows and what they really were.',
      kind: 'histogram',
      unit: 'percent',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with champion as (${CHAMPION}
), bins as (
  select ${EDGES('values')} as edges from champion where evaluation #> '{distribution,values}' is not null
), predicted as (
  select ${NUMBER} as predicted, number ${COUNTED} and model = (select model from champion)
), counted as (
  select 1 as place, 'predicted now' as metric, bin, coalesce(sum(number), 0)::float8 as number
    from bins cross join generate_series(0, cardinality(edges)) as bin
    left join predicted on width_bucket(predicted, edges) = bin
   where exists (select from predicted)
   group by bin
  union all
  select 2, 'predicted for test rows', bin - 1, number::float8 from champion, ${COUNTS('values,predicted')}
  union all
  select 3, 'real in test rows', bin - 1, number::float8 from champion, ${COUNTS('values,actual')}
)${SHARES}`.trimStart(),
    },
    {
      id: 'error-shares',
      title: 'Errors, now and when evaluated',
      description:
        'Distribution of predicted minus real numbers: of the predictions of the window whose label is known, and of the test rows of the champion. Errors around zero are small; a shift to one side is a bias.',
      kind: 'histogram',
      unit: 'percent',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with champion as (${CHAMPION}
), bins as (
  select ${EDGES('errors')} as edges from champion where evaluation #> '{distribution,errors}' is not null
), errors as (${ERRORS}
), counted as (
  select 1 as place, 'now' as metric, bin, count(error)::float8 as number
    from bins cross join generate_series(0, cardinality(edges)) as bin
    left join errors on width_bucket(error, edges) = bin
   where exists (select from errors)
   group by bin
  union all
  select 2, 'on test rows', bin - 1, number::float8 from champion, ${COUNTS('errors,rows')}
)${SHARES}`.trimStart(),
    },
    {
      id: 'errors-over-time',
      title: 'Errors over time',
      description:
        'Mean absolute error, and mean error, by the time of the prediction. A gap is a time without predictions whose label is known.',
      kind: 'timeseries',
      unit: 'label',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), measured as (
  select ${bucketOf('at')} as time, avg(abs(error)) as absolute, avg(error) as signed from (${ERRORS}) as errors group by 1
)
select time, metric, value
  from buckets left join measured using (time),
       lateral (values (1, 'mean absolute error', absolute), (2, 'mean error', signed)) as lines (place, metric, value)
 order by time, place`.trimStart(),
    },
    absoluteErrorOverTime,
    labelledShare,
    unusualValues,
    missingValuesOfColumns,
    missingDrift,
    driftOfColumns,
    driftOverTime,
    trainingAndServing,
    valuesOutsideTraining,
    modelVersions,
    challenger('numbers'),
    predictRuns,
    skew,
    predictLatency,
    requestErrors,
    refusedFields,
    arrivingColumns,
    promotions,
    latestPredictions("case when jsonb_typeof(prediction) = 'number' then (prediction #>> '{}')::float8 end"),
  ],
});
