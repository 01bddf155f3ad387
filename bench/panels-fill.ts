import { foldCheckCounts } from '#contracts';
import { foldPredictionCounts, preparePredictions } from '#ml';
import { foldRunCounts } from '#monitor';
import type { Database } from '#store';

export const DAYS = 90;
export const PREDICTIONS_PER_CHECK = 10;
const DAY_MS = 86_400_000;
/** Days between two lines of progress. */
const SAID_DAYS = 10;

export interface Filling {
  /** Predictions in all. */
  readonly rows: number;
  readonly to: Date;
  readonly say: (line: string) => void;
}

/**
 * Fills ninety days by the triggers that always count, a day in a statement. What makes many rows slow is left out:
 * tables of checks are not logged, indexes are built in the end, and of problems and columns of checks there are the
 * counts alone, because no panel reads the rows. A test compares these counts with those of the triggers.
 */
export async function fillPanels(database: Database, { rows, to, say }: Filling): Promise<void> {
  await database.query(MODEL);
  await database.query(PROMOTION, [new Date(to.getTime() - DAYS * DAY_MS)]);
  const rebuildIndexes = await withoutIndexes(database);
  const predictions = Math.round(rows / DAYS);
  const checks = Math.round(predictions / PREDICTIONS_PER_CHECK);
  for (let day = DAYS; day > 0; day -= 1) {
    const from = new Date(to.getTime() - day * DAY_MS);
    if (day % SAID_DAYS === 0) say(`fills day ${DAYS - day + 1} of ${DAYS}`);
    await preparePredictions(database, { ageDaysMax: DAYS, now: from });
    await database.query(PREDICTIONS, [from, predictions]);
    for (const sql of [CHECKS, ...DETAIL_COUNTS]) await database.query(sql, [from, checks]);
    for (const sql of BY_TIME) await database.query(sql, [from]);
  }
  say('builds the indexes');
  await rebuildIndexes();
  say('folds the counts');
  await database.query(GAUGES, [to]);
  for (const fold of [foldPredictionCounts, foldCheckCounts, foldRunCounts]) await fold(database);
  await database.query('vacuum analyze');
}

/** Drops what slows down an insert; the result builds the indexes again. The primary keys stay. */
async function withoutIndexes(database: Database): Promise<() => Promise<void>> {
  // A table that is logged may not refer to one that is not.
  for (const table of ['check_problems', 'check_columns', 'checks'])
    await database.query(`alter table ${table} set unlogged`);
  const indexes = await database.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
       from pg_index
      where indrelid in ('predictions'::regclass, 'checks'::regclass) and not indisunique and not exists (
              select from pg_constraint where conindid = indexrelid)
        -- The check before is looked up for each check.
        and indexrelid <> 'checks_by_file_and_time'::regclass`,
  );
  for (const { name } of indexes) await database.query(`drop index ${name}`);
  return async () => {
    // The definition of an index on partitions is that of the parent alone.
    for (const { definition } of indexes) await database.query(definition.replace(' ON ONLY ', ' ON '));
  };
}

const MODEL = `
  insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
  values ('made', 1, 'knn', '{"evaluation": {"kind": "classification", "classes": [{"class": "no", "support": 60}, {"class": "yes", "support": 40}], "confusion": [[55, 5], [15, 25]]}}', '{}', '{}', 'd', 'k')`;

const PROMOTION = `
  insert into promotions (model, alias, version, actor, reason, at) values ('made', 'champion', 1, 'bench', 'bench', $1)`;

const AT = "$1::timestamptz + n * interval '1 day' / $2::integer";

const PREDICTIONS = `
  insert into predictions (at, model, model_version, source, features, prediction, probability, row_number)
  select ${AT}, 'made', 1, (array['webapp', 'scheduled', 'scheduled', 'api'])[1 + n % 4],
         jsonb_build_object('amount', n % 1000, 'kind', n % 3), case when n % 100 < 62 then '"no"' else '"yes"' end::jsonb,
         0.5 + n % 50 / 100.0, 0
    from generate_series(0, $2::integer - 1) as n`;

const CHECK_ID = "to_char($1::timestamptz, 'YYYY-MM-DD') || ' ' || n";

/** Time, number and source of the checks of a day. */
const MADE_CHECKS = `
  select n, ${AT} as checked_at, (array['orders', 'returns', 'visits'])[1 + n % 3] as source from generate_series(0, $2::integer - 1) as n`;

export const CHECKS = `
  insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality, summary, duration_ms, checked_at)
  select ${CHECK_ID}, 'made', source || '-' || n || '.csv', 'd', 1000, 100, 100 - n % 20, n % 20, 0,
         case when n % 50 = 0 then 'quarantined' else (array['pass', 'pass', 'warn', 'fail'])[1 + n % 4] end,
         (array['low', 'medium', 'high', null])[1 + n % 4], 's', 3, checked_at
    from (${MADE_CHECKS}) as made`;

const MADE_PROBLEMS = `
  select n, checked_at, source, 'rule ' || place as expectation, 'column ' || place as column_name, 'rule ' || place || ' holds' as sentence,
         (array['missing-column', 'missing-value', 'out-of-range', 'unknown-category'])[1 + place % 4] as category
    from (${MADE_CHECKS}) as made, generate_series(1, 3) as place
   where n % 4 > 1`;

const MADE_COLUMNS = `
  select n, checked_at, source, 'column ' || place as column_name, 40 + place as mean
    from (${MADE_CHECKS}) as made, generate_series(1, 12) as place`;

/** The rows that the counts below are of. */
export const DETAILS = [
  `insert into check_problems (check_id, expectation, column_name, category, severity, row_count, share, sentence)
   select ${CHECK_ID}, expectation, column_name, category, 'fail', 10, 0.1, sentence from (${MADE_PROBLEMS}) as made`,
  `insert into check_columns (check_id, column_name, null_count, mean)
   select ${CHECK_ID}, column_name, 3, mean from (${MADE_COLUMNS}) as made`,
];

export const DETAIL_COUNTS = [
  `insert into problem_counts_arrived
   select date_trunc('minute', checked_at), source, category, 'fail', column_name, expectation, max(sentence), count(*), count(*), 10 * count(*),
          min(checked_at), max(checked_at)
     from (${MADE_PROBLEMS}) as made
    group by 1, 2, 3, 4, 5, 6`,
  `insert into column_counts_arrived
   select date_trunc('minute', checked_at), source, column_name, count(*), 100 * count(*), 3 * count(*), 97 * count(*), sum(97 * mean)
     from (${MADE_COLUMNS}) as made
    group by 1, 2, 3`,
];

/** What is counted, and how often in a day. */
const WIDTHS = [
  { width: '1 minute', count: 1440 },
  { width: '1 hour', count: 24 },
] as const;

/** What comes by the clock, whatever the number of predictions. */
const BY_TIME = [
  // A run each 30 seconds.
  `insert into runs (pipeline, state, trigger, goals, created_at, started_at, ended_at)
   select case n % 2 when 0 then 'ingest' else 'predict' end, (array['succeeded', 'succeeded', 'skipped', 'failed'])[1 + n / 2 % 4], 'schedule', '[]',
          at, at, at + (300 + n * 37 % 9000) * interval '1 millisecond'
     from (select n, $1::timestamptz + n * interval '30 seconds' as at from generate_series(0, 2879) as n) as made`,
  // Requests of each minute, in twelve bounds of time, and refused ones by six fields.
  ...WIDTHS.flatMap(({ width, count }) => [
    `insert into request_counts (width, at, route, status, duration_ms, requests)
     select interval '${width}', $1::timestamptz + n * interval '${width}', 'POST /api/predict', (array['2xx', '2xx', '4xx', '5xx'])[1 + bound % 4],
            (array[2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50])[bound], ${1440 / count}
       from generate_series(0, ${count - 1}) as n, generate_series(1, 12) as bound`,
    `insert into refused_fields (width, at, route, field, requests)
     select interval '${width}', $1::timestamptz + n * interval '${width}', 'POST /api/predict', 'column ' || field, ${1440 / count}
       from generate_series(0, ${count - 1}) as n, generate_series(1, 6) as field`,
  ]),
  // Both streams are judged each hour, by 24 comparisons.
  `with judged as (
     insert into drift_windows (model, model_version, stream, from_at, to_at, status, verdict, sustained_k, sustained_n, row_count, sentence, run_id)
     select 'made', 1, stream, at, at + interval '1 hour', 'judged', 'stable', 2, 3, 1000, 's', 1
       from generate_series(0, 23) as n, lateral (select $1::timestamptz + n * interval '1 hour' as at) as hours, (values ('data'), ('predictions')) as streams (stream)
     returning id)
   insert into drift_scores (window_id, subject, column_name, kind, test, reference_rows, current_rows, effect, effect_min, threshold, importance, verdict,
                             drifted_windows, is_sustained, reference_mean, current_mean, reference_quantiles, current_quantiles, outside_share)
   select id, 'feature', 'column ' || place, kind, 't', 1000, 1000, 0.01 * place, 0.1, 0.2, 0.1, 'stable', 0, false, 40, 41, array[1, 2, 3], array[1, 2, 3], 0.01
     from judged, generate_series(1, 12) as place, (values ('distribution'), ('missing')) as kinds (kind)`,
  `insert into performance_quarters (model, quarter, model_version, predicted, actual, is_labelled, number, errors, estimated, correct_expected)
   select 'made', $1::timestamptz + n * interval '15 minutes', 1, predicted, actual, actual is not null, 20, 0, 20, 16
     from generate_series(0, 95) as n, (values ('no', 'no'), ('no', 'yes'), ('yes', 'yes'), ('yes', null)) as pairs (predicted, actual)`,
  // Ten alerts a day, each sent at once.
  `with raised as (
     insert into alerts (dedupe_key, kind, criticality, title, summary, created_at)
     select at::text, 'made', 'low', 't', 's', at from generate_series(0, 9) as n, lateral (select $1::timestamptz + n * interval '2 hours' as at) as times
     returning id, created_at),
   owed as (insert into alert_deliveries (alert_id, channel, state) select id, 'teams', 'accepted' from raised returning alert_id),
   attempted as (
     insert into alert_attempts (alert_id, channel, attempt, started_at, ended_at, outcome)
     select alert_id, 'teams', 1, created_at, created_at, 'accepted' from owed join raised on id = alert_id)
   select count(*) from raised`,
];

/** Samples are kept for two days. */
const GAUGES = `
  insert into gauges (gauge, at, value) select 'backlog', $1::timestamptz - n * interval '1 minute', n % 7 from generate_series(0, 2879) as n`;
