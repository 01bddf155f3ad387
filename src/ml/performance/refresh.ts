import type { Database, Queryable } from '#store';

/** SQL of the start of the quarter of an hour that a time lies in. The days of every time zone begin with one. */
export const quarterSql = (time: string): string => `date_bin('15 minutes', ${time}, '2000-01-01 00:00+00')`;

/** Labels whose predictions are found in one pass, and quarters and predictions that are computed again in one. */
const LABELS_MAX = 50_000;
const QUARTERS_MAX = 500;
const PREDICTIONS_MAX = 100_000;

/** Enough for what came since the last time; what a large file of labels made stale is left to the next ones. */
const PASSES_MAX = 2;

// A label finds its predictions only here, after it was committed: a prediction that is committed later has its own entry
// in the counts that arrived, and is computed again by that. `offset 0` keeps one look into the indexes for each label.
const FIND_PREDICTIONS = `
  with taken as (
    delete from labels_arrived where ctid in (select ctid from labels_arrived limit ${LABELS_MAX}) returning *),
  found as (
    select p.model, p.at from taken cross join lateral (
      select model, at from predictions where model = taken.model and row_id = taken.row_id offset 0) as p
    union all
    select p.model, p.at from taken cross join lateral (
      select model, at from predictions where id = taken.prediction_id and model = taken.model offset 0) as p)
  insert into performance_stale select distinct model, ${quarterSql('at')} from found`;

/** The present quarter is computed only for who asks: with each prediction it would be computed again. */
const HAS_ENDED = "quarter < clock_timestamp() - interval '15 minutes'";

// The newest first: they are asked for most.
const PICK = `
  with stale as (
    select model, quarter from performance_stale where $1::boolean or ${HAS_ENDED}
    union
    select model, ${quarterSql('minute')} from prediction_counts_arrived where $1::boolean),
  newest as (select model, quarter from stale order by quarter desc, model limit ${QUARTERS_MAX}),
  counted as (
    select model, quarter, (select count(*) from predictions p where p.at >= quarter and p.at < quarter + interval '15 minutes') as number
      from newest)
  select model, quarter from (
    select model, quarter, sum(number) over (order by quarter desc, model) - number as before from counted) as summed
   where before < ${PREDICTIONS_MAX}`;

// One snapshot for all of it: entries are removed only for what was computed with them. The newest label of a row counts,
// and its first one says how long it took. An estimate is the mean of a curve or of a bin of the version's test rows,
// which are read from JSON once: for each prediction it took a hundred times as long. `offset 0` keeps one look into the index for
// each quarter; as a join, all predictions were read.
const COMPUTE = `
  with picked as (select * from unnest($1::text[], $2::timestamptz[]) as picked (model, quarter)),
  done as (delete from performance_stale s using picked where s.model = picked.model and s.quarter = picked.quarter),
  cleared as (delete from performance_quarters q using picked where q.model = picked.model and q.quarter = picked.quarter),
  cleared_delays as (delete from label_delays d using picked where d.model = picked.model and d.quarter = picked.quarter),
  calibrated as (
    select model, version, manifest -> 'evaluation' -> 'calibration' as calibration from model_versions
     where model in (select model from picked)),
  curves as materialized (
    select model, version, curve ->> 'class' as class,
           array(select jsonb_array_elements_text(curve -> 'confidence')::float8) as xs,
           array(select jsonb_array_elements_text(curve -> 'correct')::float8) as ys
      from calibrated, jsonb_array_elements(calibration -> 'curves') as curve),
  bins as materialized (
    select model, version, array(select jsonb_array_elements_text(calibration -> 'edges')::float8) as edges, calibration -> 'bins' as bins
      from calibrated where calibration ? 'bins'),
  known as (
    select picked.model, picked.quarter, p.model_version, label.value is not null as is_labelled,
           case when jsonb_typeof(p.prediction) <> 'number' then p.prediction #>> '{}' end as predicted,
           case when jsonb_typeof(p.prediction) <> 'number' then label.value #>> '{}' end as actual,
           case when jsonb_typeof(p.prediction) = 'number' then p.prediction::float8 end as predicted_number,
           case when jsonb_typeof(p.prediction) = 'number' and jsonb_typeof(label.value) = 'number'
                then p.prediction::float8 - label.value::float8 end as error,
           p.probability, greatest(0, extract(epoch from label.first - p.at)) / 60 as minutes
      from picked cross join lateral (
        select * from predictions where at >= picked.quarter and at < picked.quarter + interval '15 minutes' and model = picked.model
        offset 0) as p
      cross join lateral (
        select (array_agg(value order by observed_at desc, id desc))[1] as value, min(received_at) as first from (
          select value, observed_at, received_at, id from labels l where l.model = p.model and l.row_id = p.row_id
          union all
          select value, observed_at, received_at, id from labels l where l.model = p.model and l.prediction_id = p.id) as found) as label),
  delayed as (
    insert into label_delays
    select model, quarter, ceil(minutes / step) * step, count(*)
      from known cross join lateral (
        select case when minutes <= 60 then 5 when minutes <= 1440 then 30 when minutes <= 10080 then 180 else 1440 end as step) as steps
     where is_labelled group by 1, 2, 3)
  insert into performance_quarters
  select model, quarter, model_version, predicted, actual, is_labelled, count(*),
         count(error), sum(error), sum(abs(error)), sum(error ^ 2), sum(error ^ 4),
         count(coalesce(share, (bin -> 'absolute')::float8)), sum(share), sum(share * (1 - share)),
         sum((bin -> 'absolute')::float8), sum((bin -> 'absoluteVariance')::float8),
         sum((bin -> 'square')::float8), sum((bin -> 'squareVariance')::float8)
    from known
    left join lateral (
      select case place when 0 then ys[1] when cardinality(xs) then ys[place]
               else ys[place] + (ys[place + 1] - ys[place]) * (probability - xs[place]) / (xs[place + 1] - xs[place]) end as share
        from curves, width_bucket(probability, xs) as place
       where curves.model = known.model and version = model_version and class = predicted and probability is not null) as estimate on true
    left join lateral (
      select bins -> width_bucket(predicted_number, edges) as bin from bins
       where bins.model = known.model and version = model_version and predicted_number is not null) as expected on true
   group by model, quarter, model_version, predicted, actual, is_labelled`;

interface Quarter {
  readonly model: string;
  readonly quarter: Date;
}

export interface RefreshOptions {
  /** Also what is not folded yet, and the present quarter, so that the last prediction and label count. Default: false. */
  readonly withPresent?: boolean;
}

/**
 * Computes again the quarters of an hour to which predictions or labels came since the last time. Returns whether that was
 * all of them: a large file of labels takes several times. Any number of processes may do it at once.
 */
export async function refreshPerformance(
  database: Database,
  { withPresent = false }: RefreshOptions = {},
): Promise<boolean> {
  for (let pass = 0; pass < PASSES_MAX; pass += 1)
    await database.transaction((tx) => refreshSome(tx, withPresent && pass === 0));
  const waiting = await database.query(
    `(select from performance_stale where ${HAS_ENDED} limit 1) union all (select from labels_arrived limit 1)`,
  );
  return waiting.length === 0;
}

async function refreshSome(tx: Queryable, withPresent: boolean): Promise<void> {
  // Two that compute one quarter would both add it.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('weir performance', 0))");
  await tx.query(FIND_PREDICTIONS);
  const picked = await tx.query<Quarter & Record<string, unknown>>(PICK, [withPresent]);
  if (picked.length === 0) return;
  await tx.query(COMPUTE, [picked.map(({ model }) => model), picked.map(({ quarter }) => quarter)]);
}
