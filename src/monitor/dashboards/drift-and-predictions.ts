import { BUCKETS, bucketOf, WINDOWS } from './buckets.ts';
import {
  accuracyOverTime,
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
  CONFIDENCES,
  CONFIDENCES_IN_BUCKETS,
  COUNTED,
  COUNTED_IN_BUCKETS,
  latestPredictions,
  modelVersions,
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

/** For ML engineers: which classes the models predict, and whether data and predictions are still as in training. */
export const driftAndPredictions = defineDashboard({
  id: 'drift-and-predictions',
  title: 'Drift and predictions',
  audience: 'ML engineers',
  windows: WINDOWS,
  defaultWindowMinutes: 30,
  refreshSeconds: 15,
  variables: PREDICTION_VARIABLES,
  panels: [
    predictionCount,
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
    sinceLastPrediction,
    predictionsBySource,
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
  select ${bucketOf('at')} as time, prediction, sum(number) as number ${COUNTED_IN_BUCKETS} group by 1, 2
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
  select ${bucketOf('at')} as time, confidence, sum(number) as number ${CONFIDENCES_IN_BUCKETS}
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
      id: 'confidence-shares',
      title: 'Confidence, in the window',
      description:
        'How sure the model was: predictions by the probability of their class. A model that is sure of everything, or of nothing, has one bar.',
      kind: 'histogram',
      unit: 'percent',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with counted as (
  select least(confidence / 10, 9) as bin, sum(number) as number ${CONFIDENCES}
   group by 1
)
select 10 * bin as low, 10 * bin + 10 as high, 'predictions' as metric, 100.0 * coalesce(number, 0) / sum(number) over () as value
  from generate_series(0, 9) as bin left join counted using (bin)
 where exists (select from counted)
 order by bin`.trimStart(),
    },
    accuracyOverTime,
    labelledShare,
    unusualValues,
    missingValuesOfColumns,
    missingDrift,
    driftOfColumns,
    driftOverTime,
    trainingAndServing,
    valuesOutsideTraining,
    modelVersions,
    challenger('classes'),
    predictRuns,
    skew,
    predictLatency,
    requestErrors,
    refusedFields,
    arrivingColumns,
    promotions,
    latestPredictions("prediction #>> '{}'"),
  ],
});
