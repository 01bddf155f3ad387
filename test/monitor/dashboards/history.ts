import { RequestCounts } from '#monitor';
import type { Database } from '#store';

/** A made-up check: what it says of a file, its problems and its columns. */
export interface MadeCheck {
  readonly id: string;
  readonly at: number;
  readonly source: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'quarantined';
  readonly criticality: 'low' | 'medium' | 'high' | null;
  readonly good: number;
  readonly bad: number;
  readonly rejected: number;
  readonly sizeBytes: number;
  readonly problems: readonly {
    readonly expectation: string;
    readonly column: string;
    readonly category: string;
    readonly rows: number;
  }[];
  readonly columns: readonly { readonly name: string; readonly nulls: number; readonly mean: number | null }[];
}

export interface MadePrediction {
  readonly at: number;
  readonly version: number;
  readonly source: 'webapp' | 'scheduled' | 'api';
  readonly value: string;
  readonly probability: number;
}

export interface MadeRun {
  readonly at: number;
  readonly pipeline: 'ingest' | 'predict';
  readonly state: 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'running';
  readonly durationMs: number;
}

export interface MadeRequest {
  readonly at: number;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly fields: readonly string[];
}

export interface History {
  readonly checks: readonly MadeCheck[];
  readonly predictions: readonly MadePrediction[];
  readonly runs: readonly MadeRun[];
  readonly requests: readonly MadeRequest[];
}

export const rowsIn = ({ good, bad, rejected }: MadeCheck): number => good + bad + rejected;

const HOUR_MS = 3_600_000;
const VERDICTS = ['pass', 'warn', 'fail', 'quarantined'] as const;
const LEVELS = ['low', 'medium', 'high', null] as const;
const SOURCES = ['webapp', 'scheduled', 'api'] as const;
const PROBLEMS = ['missing-column', 'missing-value', 'unknown-category', 'out-of-range'];
const RUN_STATES = ['succeeded', 'failed', 'skipped', 'cancelled', 'running'] as const;
const RUNS = 800;
const REQUESTS = 1200;
const CHECKS = 400;
const PREDICTIONS = 1500;

/**
 * Four days before `to`: some hours without anything, a burst of one minute, two sources of files, and model versions
 * one after the other. The same for the same random numbers.
 */
export function makeHistory(to: number, random: () => number): History {
  const whole = (below: number) => Math.floor(random() * below);
  // Times of few milliseconds, so that several fall on the edge of a minute.
  const moment = (): number => {
    if (random() < 0.1) return to - 30 * HOUR_MS + whole(60) * 1000;
    const time = to - whole(96 * 3600) * 1000;
    return new Date(time).getUTCHours() % 7 === 3 ? time - HOUR_MS : time;
  };
  const pick = <T>(values: readonly T[], at = whole(values.length)): T => {
    const value = values[at];
    if (value === undefined) throw new Error('Expected a value to pick.');
    return value;
  };
  const check = (_: unknown, index: number): MadeCheck => ({
    id: `check ${index}`,
    ...{ at: moment(), source: pick(['orders', 'returns']), criticality: LEVELS[whole(4)] ?? null },
    ...{ verdict: pick(VERDICTS), good: whole(90), bad: whole(20), rejected: whole(5), sizeBytes: 100 + whole(900) },
    problems: Array.from({ length: whole(4) }, (__, place) => ({
      ...{
        expectation: `rule ${place}`,
        column: pick(['amount', 'kind']),
        category: pick(PROBLEMS),
        rows: 1 + whole(9),
      },
    })),
    columns: [
      { name: 'amount', nulls: whole(3), mean: whole(100) / 4 },
      { name: 'kind', nulls: whole(3), mean: null },
    ],
  });
  const prediction = (): MadePrediction => {
    const at = moment();
    return {
      ...{ at, version: at < to - 48 * HOUR_MS ? 1 : 2, source: pick(SOURCES) },
      ...{ value: random() < 0.7 ? 'no' : 'yes', probability: (50 + whole(51)) / 100 },
    };
  };
  const run = (): MadeRun => ({
    ...{ at: moment(), pipeline: pick(['ingest', 'predict']), state: pick(RUN_STATES), durationMs: 1 + whole(12_000) },
  });
  const request = (): MadeRequest => {
    const status = pick([200, 200, 200, 200, 422, 503]);
    return {
      ...{ at: moment(), status, durationMs: random() * 10 ** whole(7) },
      route: pick(['POST /api/predict', 'POST /api/predict', 'GET /api/runs']),
      fields: status === 422 ? Array.from({ length: 1 + whole(3) }, () => pick(['amount', 'kind', 'other'])) : [],
    };
  };
  return {
    checks: Array.from({ length: CHECKS }, check),
    predictions: Array.from({ length: PREDICTIONS }, prediction),
    runs: Array.from({ length: RUNS }, run),
    requests: Array.from({ length: REQUESTS }, request),
  };
}

/** Stores a history as the ingestion and the server would. */
export async function storeHistory(
  database: Database,
  { checks, predictions, runs, requests }: History,
): Promise<void> {
  await database.query(
    `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality, summary, duration_ms, checked_at)
     select entry ->> 'id', 'made', (entry ->> 'source') || '-2026.csv', 'd', (entry ->> 'sizeBytes')::bigint,
            (entry ->> 'good')::bigint + (entry ->> 'bad')::bigint + (entry ->> 'rejected')::bigint, (entry ->> 'good')::bigint,
            (entry ->> 'bad')::bigint, (entry ->> 'rejected')::bigint, entry ->> 'verdict', entry ->> 'criticality', 's', 1,
            to_timestamp((entry ->> 'at')::float8 / 1000)
       from jsonb_array_elements($1::jsonb) as entry`,
    [JSON.stringify(checks)],
  );
  const parts = (of: 'problems' | 'columns') =>
    JSON.stringify(checks.flatMap((each) => each[of].map((part) => ({ ...part, id: each.id }))));
  await database.query(
    `insert into check_problems (check_id, expectation, column_name, category, severity, row_count, share, sentence)
     select entry ->> 'id', entry ->> 'expectation', entry ->> 'column', entry ->> 'category', 'fail', (entry ->> 'rows')::bigint, 0.1,
            (entry ->> 'column') || ' keeps ' || (entry ->> 'expectation')
       from jsonb_array_elements($1::jsonb) as entry`,
    [parts('problems')],
  );
  await database.query(
    `insert into check_columns (check_id, column_name, null_count, mean)
     select entry ->> 'id', entry ->> 'name', (entry ->> 'nulls')::bigint, (entry ->> 'mean')::float8
       from jsonb_array_elements($1::jsonb) as entry`,
    [parts('columns')],
  );
  await database.query(
    `insert into predictions (at, model, model_version, source, features, prediction, probability, row_number)
     select to_timestamp((entry ->> 'at')::float8 / 1000), 'made', (entry ->> 'version')::integer, entry ->> 'source', '{}', entry -> 'value',
            (entry ->> 'probability')::float8, 0
       from jsonb_array_elements($1::jsonb) as entry`,
    [JSON.stringify(predictions)],
  );
  await storeRuns(database, runs);
  let now = 0;
  const counts = new RequestCounts({ now: () => new Date(now) });
  for (const { at, ...request } of requests) {
    now = at;
    counts.count(request);
  }
  await counts.flush(database);
}

/** Each begins and ends, and as many others end and are forgotten. */
async function storeRuns(database: Database, runs: readonly MadeRun[]): Promise<void> {
  const entries = [JSON.stringify(runs)];
  const insert = `
    insert into runs (pipeline, state, trigger, goals, created_at, started_at)
    select entry ->> 'pipeline', 'running', 'schedule', '[]', moment, moment
      from jsonb_array_elements($1::jsonb) with ordinality as entries (entry, place),
           lateral (select to_timestamp((entry ->> 'at')::float8 / 1000)) as moments (moment)
     order by place`;
  const end = `
    update runs set state = entry ->> 'state',
           ended_at = case when entry ->> 'state' <> 'running' then created_at + (entry ->> 'durationMs')::integer * interval '1 millisecond' end
      from (select id, row_number() over (order by id) as place from runs) as placed,
           jsonb_array_elements($1::jsonb) with ordinality as entries (entry, place)
     where runs.id = placed.id and placed.place = entries.place`;
  await database.query(insert, entries);
  await database.query(end, entries);
  // Forgotten runs are no longer counted.
  await database.query(insert, entries);
  await database.query(
    "update runs set state = 'failed', ended_at = started_at where ended_at is null and state = 'running' and id > $1",
    [runs.length],
  );
  await database.query('delete from runs where id > $1', [runs.length]);
}
