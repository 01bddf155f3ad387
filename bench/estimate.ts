import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { foldPredictionCounts, performanceByDay, refreshPerformance } from '#ml';
import type { Database } from '#store';
import { calibrateClasses } from '../src/ml/evaluation/calibration.ts';
import { runContestant } from './contestant.ts';
import { withDatabase } from './engine-durable.ts';
import { DAYS, type Drawn, drawReference, drawWindow } from './estimate-cases.ts';
import { maybePython, peerScript } from './python.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, median, table, times } from './table.ts';

/** Estimated accuracy before labels come, beside NannyML's on the same rows. */
export const estimateSuite: Suite = { name: 'estimate', run };

const MODEL = 'boats';
const REFERENCE_ROWS = 20_000;
/** Of the rows of a large file: each prediction here is a row in PostgreSQL. */
const PREDICTIONS_SHARE = 5;
const READS = 9;

interface Measurement {
  readonly estimates: readonly number[];
  readonly seconds: number;
  readonly version: string;
}

async function* run(options: BenchOptions): AsyncGenerator<string> {
  const folder = path.join(options.folder, 'estimate');
  mkdirSync(folder, { recursive: true });
  const reference = drawReference(REFERENCE_ROWS);
  const count = Math.round(options.rows / PREDICTIONS_SHARE / DAYS);
  const windows = Array.from({ length: DAYS }, (_, day) => drawWindow(day, count));
  writeRows(path.join(folder, 'reference.bin'), [reference]);
  writeRows(path.join(folder, 'analysis.bin'), windows);
  const python = await maybePython(options, 'requirements-drift.txt');
  const args = [peerScript('estimate'), folder, String(DAYS)];
  if (python !== undefined) options.say(`NannyML estimates ${count * DAYS} predictions`);
  const theirs = python === undefined ? undefined : await runContestant<Measurement>({ command: python, args });
  yield await withDatabase(options.folder, (database) => measure(database, { options, reference, windows, theirs }));
}

/** Probability of the second class and whether it was that, as doubles. */
function writeRows(file: string, parts: readonly Drawn[]): void {
  const count = parts.reduce((sum, { scores }) => sum + scores.length, 0);
  const rows = new Float64Array(2 * count);
  let at = 0;
  for (const { scores, actual } of parts) {
    rows.set(scores, at);
    rows.set(actual, count + at);
    at += scores.length;
  }
  writeFileSync(file, rows);
}

interface Measuring {
  readonly options: BenchOptions;
  readonly reference: Drawn;
  readonly windows: readonly Drawn[];
  readonly theirs: Measurement | undefined;
}

async function measure(database: Database, { options, reference, windows, theirs }: Measuring): Promise<string> {
  const today = Math.floor(Date.now() / DAY_MS);
  const bounds = Array.from({ length: DAYS + 1 }, (_, at) => new Date((today - DAYS + 1 + at) * DAY_MS));
  const [calibration, fitSeconds] = await timed(() => calibrate(reference));
  await register(database, { calibration, rows: reference.scores.length });
  options.say('storing the predictions and their labels');
  await storePredictions(database, windows, bounds);
  options.say('computing');
  const [, computeSeconds] = await timed(() => refreshAll(database));
  const reads: number[] = [];
  const read = () => performanceByDay(database, { model: MODEL, bounds });
  for (let at = 0; at < READS; at += 1) reads.push((await timed(read))[1]);
  const found = await read();
  const rows = found.days.map(({ metrics, estimate }, day) => {
    const [ours = Number.NaN, realised = Number.NaN] = [estimate?.metrics.accuracy?.value, metrics.accuracy?.value];
    const other = theirs?.estimates[day];
    const { low = 0, high = 0 } = estimate?.metrics.accuracy ?? {};
    return [
      ...[String(day + 1), realised.toFixed(4), ours.toFixed(4), (ours - realised).toFixed(4)],
      ...[realised >= low && realised <= high ? 'yes' : 'no', other?.toFixed(4) ?? '–'],
      other === undefined ? '–' : Math.abs(other - ours).toExponential(1),
    ];
  });
  const seconds = fitSeconds + computeSeconds;
  return [
    `### Estimated accuracy of ${found.total.predictions.toLocaleString('en')} predictions whose rows become harder, from ${REFERENCE_ROWS.toLocaleString('en')} test rows`,
    table(['day', 'realised', 'Weir', 'off by', 'within its interval', 'NannyML', 'apart by'], rows),
    '### Time',
    table(
      ['who', 'time', 'to ours'],
      [
        ['Weir: calibrate, then compare with labels and estimate in PostgreSQL, once', duration(seconds), ''],
        ['Weir: each reading after that, by day', duration(median(reads)), ''],
        [
          `NannyML ${theirs?.version ?? ''}: fit and estimate, rows in memory, no labels, each time`,
          ...[duration(theirs?.seconds ?? Number.NaN), times((theirs?.seconds ?? Number.NaN) / seconds)],
        ],
        ['NannyML to a reading', '', times((theirs?.seconds ?? Number.NaN) / median(reads))],
      ],
    ),
  ].join('\n\n');
}

const DAY_MS = 86_400_000;

async function timed<T>(work: () => T | Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

function calibrate({ scores, actual }: Drawn) {
  const probabilities = Float64Array.from({ length: 2 * scores.length }, (_, at) =>
    at % 2 === 1 ? (scores[at >> 1] ?? 0) : 1 - (scores[at >> 1] ?? 0),
  );
  return calibrateClasses({ classCount: 2, actual, probabilities }, ['no', 'yes']);
}

async function register(database: Database, evaluation: { readonly calibration: unknown; readonly rows: number }) {
  await database.query(
    `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
     values ($1, 1, 'knn', $2, '{}', '{}', 'd', 'k')`,
    [MODEL, JSON.stringify({ evaluation })],
  );
}

/** Evenly over each day, each with its label. */
async function storePredictions(database: Database, windows: readonly Drawn[], bounds: readonly Date[]): Promise<void> {
  for (const [day, { scores, actual }] of windows.entries()) {
    const start = bounds[day]?.getTime() ?? 0;
    await database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, probability, row_number, row_id)
       select to_timestamp($1::float8 + 86399 * (place - 1)::float8 / $2), '${MODEL}', 1, 'api', '{}',
              case when score > 0.5 then '"yes"' else '"no"' end::jsonb, greatest(score, 1 - score), 0, $3::text || '-' || place
         from unnest($4::float8[]) with ordinality as given (score, place)`,
      [start / 1000, scores.length, String(day), Array.from(scores)],
    );
    await database.query(
      `insert into labels (model, row_id, value, observed_at, received_at, source)
       select '${MODEL}', $1::text || '-' || place, case when label = 1 then '"yes"' else '"no"' end::jsonb, now(), now(), 'api'
         from unnest($2::float8[]) with ordinality as given (label, place)`,
      [String(day), Array.from(actual)],
    );
  }
  await database.query('analyze');
}

/** As it is done in the background. */
async function refreshAll(database: Database): Promise<void> {
  await foldPredictionCounts(database);
  for (let isDone = false; !isDone; ) isDone = await refreshPerformance(database);
}
