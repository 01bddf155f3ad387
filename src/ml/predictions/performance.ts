import type { Queryable } from '#store';
import type { Metrics } from '../evaluation/evaluation.ts';
import { type Interval, meanInterval, wilsonInterval } from '../evaluation/intervals.ts';

/** The newest predictions that are looked at, so that the query takes about a second at most. */
const PREDICTIONS_MAX = 100_000;

export interface PerformanceQuery {
  readonly model: string;
  /** First moments of the days, oldest first, and the end of the last one. */
  readonly bounds: readonly Date[];
}

/** How good the predictions of some time were, measured by the labels that came since. */
export interface Performance {
  readonly predictions: number;
  /** Those whose label is known. */
  readonly labelled: number;
  /** Accuracy of classes; RMSE, MAE and mean error of numbers. Empty without labels. */
  readonly metrics: Metrics;
}

export interface PerformanceByDay {
  /** One for each day, oldest first. */
  readonly days: readonly Performance[];
  readonly total: Performance;
  /** Whether all predictions were looked at, instead of the newest `PREDICTIONS_MAX`. */
  readonly isComplete: boolean;
}

// A prediction that is a number has an error; any other is a class, which a label names by its text. Labels are joined as
// sets: looking each one up by an index took twice as long.
const BY_DAY = `
  with made as (
    select id, at, model, row_id, prediction from predictions
     where model = $1 and at >= ($2::timestamptz[])[1] and at < ($2::timestamptz[])[cardinality($2::timestamptz[])]
     order by at desc limit $3),
  candidates as (
    select made.id, l.value, l.observed_at, l.id as label from made join labels l on l.model = $1 and l.row_id = made.row_id
    union all
    select made.id, l.value, l.observed_at, l.id from made join labels l on l.model = $1 and l.prediction_id = made.id),
  newest as (select distinct on (id) id, value from candidates order by id, observed_at desc, label desc),
  known as (
    select width_bucket(made.at, $2::timestamptz[]) as day, label.value is not null as is_labelled,
           case when jsonb_typeof(made.prediction) <> 'number' then made.prediction #>> '{}' = label.value #>> '{}' end as is_correct,
           case when jsonb_typeof(made.prediction) = 'number' and jsonb_typeof(label.value) = 'number'
                then made.prediction::float8 - label.value::float8 end as error
      from made left join newest label on label.id = made.id)
  select day, count(*)::integer as predictions, count(*) filter (where is_labelled)::integer as labelled,
         count(is_correct)::integer as classes, count(*) filter (where is_correct)::integer as correct,
         count(error)::integer as errors, avg(error) as bias, var_samp(error) as bias_variance,
         avg(abs(error)) as absolute, var_samp(abs(error)) as absolute_variance,
         avg(error * error) as square, var_samp(error * error) as square_variance
    from known group by grouping sets ((day), ())`;

interface Sums {
  /** 1 is the first day; null for all of them. */
  readonly day: number | null;
  readonly predictions: number;
  readonly labelled: number;
  readonly classes: number;
  readonly correct: number;
  readonly errors: number;
  readonly bias: number;
  readonly bias_variance: number | null;
  readonly absolute: number;
  readonly absolute_variance: number | null;
  readonly square: number;
  readonly square_variance: number | null;
}

const NOTHING: Performance = { predictions: 0, labelled: 0, metrics: {} };

/**
 * Metrics of the predictions of a model by the day they were made, from the newest label of each row, with 95 %
 * confidence intervals.
 */
export async function performanceByDay(
  queryable: Queryable,
  { model, bounds }: PerformanceQuery,
): Promise<PerformanceByDay> {
  const rows = await queryable.query<Sums>(BY_DAY, [model, [...bounds], PREDICTIONS_MAX]);
  const byDay = new Map(rows.map((row) => [row.day, toPerformance(row)]));
  const total = byDay.get(null) ?? NOTHING;
  return {
    days: bounds.slice(1).map((_, index) => byDay.get(index + 1) ?? NOTHING),
    total,
    isComplete: total.predictions < PREDICTIONS_MAX,
  };
}

function toPerformance(sums: Sums): Performance {
  const { predictions, labelled, classes, correct, errors } = sums;
  if (classes > 0)
    return {
      predictions,
      labelled,
      metrics: { accuracy: { value: correct / classes, ...wilsonInterval(correct, classes) } },
    };
  return { predictions, labelled, metrics: errors === 0 ? {} : errorMetrics(sums) };
}

function errorMetrics({ errors: count, ...sums }: Sums): Metrics {
  const squares = meanInterval({ mean: sums.square, variance: sums.square_variance, count });
  const sizes = meanInterval({ mean: sums.absolute, variance: sums.absolute_variance, count });
  return {
    rmse: { value: Math.sqrt(sums.square), ...boundsOf(squares, Math.sqrt) },
    mae: { value: sums.absolute, ...boundsOf(sizes, (bound) => bound) },
    mean_error: { value: sums.bias, ...meanInterval({ mean: sums.bias, variance: sums.bias_variance, count }) },
  };
}

/** The bounds of what is never below zero. */
function boundsOf(interval: Interval | undefined, of: (bound: number) => number): Partial<Interval> {
  if (interval === undefined) return {};
  return { low: of(Math.max(0, interval.low)), high: of(interval.high) };
}
