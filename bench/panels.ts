import { foldCheckCounts } from '#contracts';
import { foldPredictionCounts, preparePredictions } from '#ml';
import { type Dashboard, driftAndPredictions, ingestedData } from '#monitor';
import type { Database } from '#store';
import { compileQuery } from '../src/monitor/dashboards/macros.ts';
import { withDatabase } from './engine-durable.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, table } from './table.ts';

/** How long the panels of the dashboards take over ninety days of predictions and checks. */
export const panelsSuite: Suite = { name: 'panels', run };

const DAYS = 90;
const PREDICTIONS_PER_CHECK = 10;
const DAY_MS = 86_400_000;
const TO = new Date('2026-03-31T10:00:00Z');
const WINDOWS = [30, 1440, 7 * 1440, 30 * 1440, 90 * 1440] as const;

async function* run(options: BenchOptions): AsyncGenerator<string> {
  yield await withDatabase(options.folder, async (database) => {
    await fill(database, options);
    const rows: string[][] = [];
    for (const minutes of WINDOWS) rows.push(await measure(database, minutes, options.rounds));
    const heading = `${options.rows} predictions and ${options.rows / PREDICTIONS_PER_CHECK} checks in ${DAYS} days`;
    return `### ${heading}\n\n${table(['window', 'slowest panel', 'it takes', 'all panels, one after the other'], rows)}`;
  });
}

/** A day at a time, by the statements and triggers that always count. */
async function fill(database: Database, { rows, say }: BenchOptions): Promise<void> {
  await database.query(
    `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
     values ('made', 1, 'knn', '{"evaluation": {"kind": "classification", "classes": [{"class": "no", "support": 60}, {"class": "yes", "support": 40}], "confusion": [[55, 5], [15, 25]]}}', '{}', '{}', 'd', 'k')`,
  );
  await database.query(
    `insert into promotions (model, alias, version, actor, reason, at) values ('made', 'champion', 1, 'bench', 'bench', $1)`,
    [new Date(TO.getTime() - DAYS * DAY_MS)],
  );
  const predictions = Math.round(rows / DAYS);
  const checks = Math.round(predictions / PREDICTIONS_PER_CHECK);
  for (let day = DAYS; day > 0; day -= 1) {
    const from = new Date(TO.getTime() - day * DAY_MS);
    if (day % 10 === 0) say(`fills the ${DAYS - day + 1}th day of ${DAYS}`);
    await preparePredictions(database, { ageDaysMax: DAYS, now: from });
    await database.query(FILL_PREDICTIONS, [from, predictions]);
    for (const sql of FILL_CHECKS) await database.query(sql, [from, checks]);
  }
  say('folds the counts');
  await foldPredictionCounts(database);
  await foldCheckCounts(database);
  await database.query('vacuum analyze');
}

const AT = "$1::timestamptz + n * interval '1 day' / $2::integer";

const FILL_PREDICTIONS = `
  insert into predictions (at, model, model_version, source, features, prediction, probability, row_number)
  select ${AT}, 'made', 1, (array['webapp', 'scheduled', 'scheduled', 'api'])[1 + n % 4],
         jsonb_build_object('amount', n % 1000, 'kind', n % 3), case when n % 100 < 62 then '"no"' else '"yes"' end::jsonb,
         0.5 + n % 50 / 100.0, 0
    from generate_series(0, $2::integer - 1) as n`;

const CHECK_ID = "to_char($1::timestamptz, 'YYYY-MM-DD') || ' ' || n";

const FILL_CHECKS = [
  `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality, summary, duration_ms, checked_at)
   select ${CHECK_ID}, 'made', (array['orders', 'returns', 'visits'])[1 + n % 3] || '-' || n || '.csv', 'd', 1000, 100, 100 - n % 20, n % 20, 0,
          (array['pass', 'pass', 'warn', 'fail'])[1 + n % 4], (array['low', 'medium', 'high', null])[1 + n % 4], 's', 3, ${AT}
     from generate_series(0, $2::integer - 1) as n`,
  `insert into check_problems (check_id, expectation, column_name, category, severity, row_count, share, sentence)
   select ${CHECK_ID}, 'rule ' || place, 'column ' || place, (array['missing-column', 'missing-value', 'out-of-range', 'unknown-category'])[1 + place % 4],
          'fail', 10, 0.1, 'rule ' || place || ' holds'
     from generate_series(0, $2::integer - 1) as n, generate_series(1, 3) as place
    where n % 4 > 1`,
  `insert into check_columns (check_id, column_name, null_count, mean)
   select ${CHECK_ID}, 'column ' || place, 3, 40 + place
     from generate_series(0, $2::integer - 1) as n, generate_series(1, 12) as place`,
  `insert into runs (pipeline, state, trigger, goals, created_at, started_at, ended_at)
   select case n % 2 when 0 then 'ingest' else 'predict' end, (array['succeeded', 'succeeded', 'skipped', 'failed'])[1 + n / 2 % 4], 'schedule', '[]',
          at, at, at + (1 + n % 9) * interval '1 second'
     from (select n, $1::timestamptz + n * interval '30 seconds' as at from generate_series(0, 2879) as n where $2::integer > 0) as made`,
];

interface Timed {
  readonly id: string;
  readonly seconds: number;
}

async function measure(database: Database, minutes: number, rounds: number): Promise<string[]> {
  const window = { from: new Date(TO.getTime() - minutes * 60_000), to: TO };
  const panels: Timed[] = [];
  for (const { id, sql } of [ingestedData, driftAndPredictions].flatMap(queriesOf)) {
    const { text, values } = compileQuery(sql, window);
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      await database.query(text, [...values]);
      took.push((performance.now() - start) / 1000);
    }
    panels.push({ id, seconds: Math.min(...took) });
  }
  const slowest = panels.reduce((worst, panel) => (panel.seconds > worst.seconds ? panel : worst));
  const all = panels.reduce((sum, { seconds }) => sum + seconds, 0);
  return [spanOf(minutes), slowest.id, duration(slowest.seconds), duration(all)];
}

function queriesOf({ panels, variables }: Dashboard): readonly { readonly id: string; readonly sql: string }[] {
  return [...panels, ...variables.map(({ name, sql }) => ({ id: `values of ${name}`, sql }))];
}

function spanOf(minutes: number): string {
  return minutes < 1440 ? `${minutes} minutes` : `${minutes / 1440} days`;
}
