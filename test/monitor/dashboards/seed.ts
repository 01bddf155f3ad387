import { RequestCounts } from '#monitor';
import type { Database } from '#store';

/** The window that the seeded rows lie in, before and after. */
export const WINDOW = { from: new Date('2026-03-01T10:00:00Z'), to: new Date('2026-03-01T10:30:00Z') };

/** A moment of the seeded day. */
export const at = (time: string): string => `2026-03-01T${time}Z`;

interface SeededCheck {
  readonly id: string;
  readonly time: string;
  readonly verdict: string;
  readonly criticality: string | null;
  /** In, good, bad, rejected. */
  readonly rows: readonly [number, number, number, number];
}

const CHECKS: readonly SeededCheck[] = [
  { id: 'earlier', time: '09:00:00', verdict: 'pass', criticality: null, rows: [200, 200, 0, 0] },
  { id: 'good', time: '10:02:10', verdict: 'pass', criticality: null, rows: [100, 100, 0, 0] },
  { id: 'mixed', time: '10:02:50', verdict: 'fail', criticality: 'medium', rows: [100, 60, 30, 10] },
  { id: 'quarantined', time: '10:20:00', verdict: 'quarantined', criticality: 'high', rows: [50, 20, 0, 0] },
  { id: 'later', time: '10:40:00', verdict: 'fail', criticality: 'high', rows: [1000, 0, 1000, 0] },
];

/** Id, expectation, column, category, severity, rows. */
const PROBLEMS: readonly (readonly [string, string, string | null, string, string, number])[] = [
  ['mixed', 'age in range', 'age', 'out-of-range', 'fail', 30],
  ['mixed', 'sex present', 'sex', 'missing-value', 'warn', 5],
  ['quarantined', 'age in range', 'age', 'out-of-range', 'fail', 4],
  ['quarantined', 'has fare', 'fare', 'missing-column', 'fail', 50],
  ['later', 'has fare', 'fare', 'missing-column', 'fail', 1000],
];

/** Id, column, empty cells, mean. */
const COLUMNS: readonly (readonly [string, string, number, number | null])[] = [
  ['earlier', 'age', 0, 30],
  ['earlier', 'sex', 20, null],
  ['good', 'age', 0, 40],
  ['good', 'sex', 10, null],
  ['mixed', 'age', 50, 70],
  ['mixed', 'sex', 0, null],
];

/** Pipeline, state, start, milliseconds. */
const RUNS: readonly (readonly [string, string, string, number | null])[] = [
  ['ingest', 'succeeded', '10:02:00', 1000],
  ['ingest', 'failed', '10:02:30', 3000],
  ['ingest', 'skipped', '10:03:00', 10],
  ['ingest', 'running', '10:29:50', null],
  ['predict', 'succeeded', '10:04:00', 500],
  ['predict', 'skipped', '10:06:00', 5],
  ['predict', 'skipped', '10:06:30', 5],
  ['ingest', 'failed', '11:00:00', 9000],
];

/** Writes rows of every table that the dashboards read. */
export async function seed(database: Database): Promise<void> {
  for (const { id, time, verdict, criticality, rows } of CHECKS) {
    await database.query(
      `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality, summary, duration_ms, checked_at)
       values ($1, 'passengers', $1 || '.csv', 'd', 1, $2, $3, $4, $5, $6, $7, $1 || ' in words', 12, $8)`,
      [id, ...rows, verdict, criticality, at(time)],
    );
  }
  for (const problem of PROBLEMS) {
    await database.query("insert into check_problems values ($1, $2, $3, $4, $5, $6, 0.5, $2 || ' in words')", problem);
  }
  for (const column of COLUMNS) await database.query('insert into check_columns values ($1, $2, $3, $4)', column);
  for (const [pipeline, state, time, durationMs] of RUNS) {
    await database.query(
      `insert into runs (pipeline, state, trigger, goals, created_at, started_at, ended_at)
       values ($1, $2, 'schedule', '[]', $3::timestamptz, $3::timestamptz, $3::timestamptz + make_interval(secs => $4::float8 / 1000))`,
      [pipeline, state, at(time), durationMs],
    );
  }
  await seedAlerts(database);
  await seedWaiting(database);
  await seedDrift(database);
  await seedServed(database);
  await seedRequests(database);
  await seedLabelled(database);
  await seedModels(database);
  await seedPredictions(database);
}

async function seedAlerts(database: Database): Promise<void> {
  const states = ['accepted', 'accepted', 'failed', 'waiting', undefined];
  for (const [index, state] of states.entries()) {
    await database.query(
      `with raised as (
         insert into alerts (dedupe_key, kind, criticality, title, summary, created_at)
         values ($1, 'data-quality', 'low', 't', 's', $2) returning id)
       insert into alert_deliveries (alert_id, channel, state) select id, 'teams', $3::text from raised where $3::text is not null`,
      [`a${index}`, at('10:10:00'), state ?? null],
    );
  }
  await database.query(
    `insert into alerts (dedupe_key, kind, criticality, title, summary, created_at) values ('old', 'k', 'low', 't', 's', $1)`,
    [at('09:00:00')],
  );
}

/** Attempts of two alerts, rules that fire without a notice, and samples of the files that wait. */
async function seedWaiting(database: Database): Promise<void> {
  await database.query(
    `insert into alert_attempts (alert_id, channel, attempt, started_at, ended_at, outcome)
     select alert_id, 'teams', attempt, $1::timestamptz, $1::timestamptz, outcome
       from alert_deliveries, (values (1, 'unavailable'), (2, 'refused')) as tried (attempt, outcome) where state = 'failed'
     union all
     select alert_id, 'teams', 1, $1::timestamptz, $1::timestamptz, 'accepted' from alert_deliveries where state = 'accepted'
     union all
     select alert_id, 'teams', 1, $1::timestamptz, null, null from alert_deliveries where state = 'waiting'`,
    [at('10:11:00')],
  );
  await database.query(
    `insert into alert_rule_transitions (rule, at, from_state, to_state, threshold, alert_id)
     select 'no-file', $1::timestamptz, 'ok', 'firing', 1, alert_id from (values (null), ((select min(id) from alerts))) as raised (alert_id)`,
    [at('10:12:00')],
  );
  await database.query(
    `insert into gauges (gauge, at, value) values
       ('backlog', $1, 3), ('backlog', $2, 7), ('backlog', $3, 5), ('disk-used', $3, 0.5), ('backlog', $4, 90)`,
    [at('10:03:00'), at('10:03:30'), at('10:04:00'), at('10:40:00')],
  );
  // The file comes again, and is quarantined again, long after the window.
  await database.query(
    `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality, summary, duration_ms, checked_at)
     values ('again', 'passengers', 'quarantined.csv', 'd', 1, 0, 0, 0, 0, 'quarantined', 'high', 's', 12, $1)`,
    [at('11:40:00')],
  );
}

/** A judged window of predictions: their mean has moved, some are out of range, and one is not repeated. */
async function seedServed(database: Database): Promise<void> {
  await database.query(
    `with judged as (
       insert into drift_windows (model, model_version, stream, from_at, to_at, status, verdict, sustained_k, sustained_n, row_count, sentence, run_id,
                                  challenger_version, challenger_rows, challenger_difference)
       values ('passengers', 1, 'predictions', $1::timestamptz - interval '10 minutes', $1, 'judged', 'drifted', 2, 3, 100, 's', 1, 2, 100, 0.07) returning id)
     insert into drift_scores (window_id, subject, column_name, kind, test, reference_rows, current_rows, effect, effect_min, threshold, importance, verdict,
                               drifted_windows, is_sustained, reference_mean, current_mean, reference_quantiles, current_quantiles, outside_share)
     select id, subject, column_name, kind, test, 500, 100, effect, 0.05, 0.5, 0.5, 'stable', 0, false, mean, mean + 15,
            case when mean is not null then array[20, 40, 60] end, case when mean is not null then array[30, 60.5, 70] end, outside
       from judged, (values ('feature', 'age', 'distribution', 'ks', 0.1, 45.25, 0.25), ('feature', 'age', 'missing', 'fisher', 0.04, null, null),
                            ('feature', 'sex', 'new-category', 'fisher', 0, null, 0.02), ('prediction', 'prediction', 'skew', 'replay', 0.01, null, null))
                    as scores (subject, column_name, kind, test, effect, mean, outside)`,
    [at('10:15:00')],
  );
}

/** Requests of a minute: of ten predictions one is refused for two fields and one fails; the slowest takes 95 ms. */
async function seedRequests(database: Database): Promise<void> {
  const counts = new RequestCounts({ now: () => new Date(at('10:06:30')) });
  const predict = { route: 'POST /api/predict', status: 200, durationMs: 3.5, fields: [] };
  for (let count = 0; count < 7; count += 1) counts.count(predict);
  counts.count({ ...predict, durationMs: 95 });
  counts.count({ ...predict, status: 422, fields: ['age', 'sex', 'age'] });
  counts.count({ ...predict, status: 503 });
  counts.count({ ...predict, route: 'GET /api/runs', durationMs: 5000 });
  await counts.flush(database);
}

async function seedModels(database: Database): Promise<void> {
  const evaluation = {
    kind: 'classification',
    classes: [
      { class: 'no', support: 60 },
      { class: 'yes', support: 40 },
    ],
    // Actual by predicted: 55 + 15 predicted no, 5 + 25 predicted yes.
    confusion: [
      [55, 5],
      [15, 25],
    ],
  };
  for (const version of [1, 2]) {
    await database.query(
      `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
       values ('passengers', $1::integer, 'knn', $2, '{}', '{}', 'd', 'k' || $1::integer)`,
      [version, JSON.stringify({ evaluation: version === 1 ? evaluation : { kind: 'regression' } })],
    );
  }
  await database.query(
    `insert into promotions (model, alias, version, previous, actor, reason, at) values
       ('passengers', 'champion', 1, null, 'train', 'the first', $1), ('passengers', 'champion', 2, 1, 'ada', 'later', $2)`,
    [at('08:00:00'), at('10:45:00')],
  );
}

async function seedPredictions(database: Database): Promise<void> {
  const insert = `
    insert into predictions (at, model, model_version, source, features, prediction, probability, row_number)
    select $1, 'passengers', 1, $2, '{"age": 40}', to_jsonb($3::text), $4, number from generate_series(1, $5::integer) as number`;
  await database.query(insert, [at('10:05:05'), 'scheduled', 'no', 0.9, 27]);
  await database.query(insert, [at('10:05:45'), 'scheduled', 'yes', 0.6, 2]);
  await database.query(insert, [at('10:07:00'), 'webapp', 'yes', 0.8, 1]);
  await database.query(insert, [at('09:00:00'), 'api', 'yes', 0.8, 100]);
}

/** Two judged windows: age drifts in the second one, beyond its threshold. */
async function seedDrift(database: Database): Promise<void> {
  for (const [to, effect, verdict] of [
    ['10:10:00', 0.1, 'stable'],
    ['10:20:00', 0.3, 'drifted'],
  ] as const) {
    await database.query(
      `with judged as (
         insert into drift_windows (model, model_version, stream, from_at, to_at, status, verdict, sustained_k, sustained_n, row_count, sentence, run_id)
         values ('passengers', 1, 'data', $1::timestamptz - interval '10 minutes', $1, 'judged', $3, 2, 3, 100, 's', 1) returning id)
       insert into drift_scores (window_id, subject, column_name, kind, test, reference_rows, current_rows, effect, effect_min, threshold, importance, verdict, drifted_windows, is_sustained)
       select id, 'feature', column_name, 'distribution', 'ks', 500, 100, effect, 0.05, 0.2, importance, $3, 1, false
         from judged, (values ('age', $2::float8, 0.5), ('sex', 0.02, 0.9)) as scores (column_name, effect, importance)`,
      [at(to), effect, verdict],
    );
  }
}

/** Of 40 predictions 20 have a label, and 15 of them are right; 32 of the 40 were expected to be. */
async function seedLabelled(database: Database): Promise<void> {
  const insert = `
    insert into performance_quarters (model, quarter, model_version, predicted, actual, is_labelled, number, errors, error, absolute, estimated, correct_expected, absolute_expected)
    values ('passengers', $1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
  await database.query(insert, [at('10:00:00'), 'no', 'no', true, 15, 0, null, null, 15, 12, null]);
  await database.query(insert, [at('10:00:00'), 'no', 'yes', true, 5, 0, null, null, 5, 4, null]);
  await database.query(insert, [at('10:00:00'), 'yes', null, false, 20, 0, null, null, 20, 16, null]);
  await database.query(insert, [at('10:15:00'), null, null, true, 4, 4, 2, 10, 5, null, 20]);
}
