import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldPredictionCounts, promote } from '#ml';
import { conditionOf, tryRule, withFields } from '#monitor';
import type { Database } from '#store';
import { measure } from '../../../src/monitor/rules/measure.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { seeded } from '../drift/random.ts';
import { addDriftWindow, addPredictions, addRun, atMinute } from './history.ts';

const MINUTES = 240;
const random = seeded(11);

interface File {
  readonly minute: number;
  readonly good: number;
  readonly isQuarantined: boolean;
  readonly missing: string | undefined;
}

/** Some minutes have a file, others have none for a while. */
const files: readonly File[] = Array.from({ length: MINUTES }, (_, minute) => minute)
  .filter((minute) => minute % 60 < 45 && random() < 0.6)
  .map((minute) => ({
    minute,
    good: random() < 0.4 ? 0 : Math.floor(random() * 101),
    isQuarantined: random() < 0.1,
    missing: random() < 0.15 ? ['weight', 'size'][Math.floor(random() * 2)] : undefined,
  }));
const runs = Array.from({ length: MINUTES / 2 }, (_, index) => ({
  minute: 2 * index,
  state: (['succeeded', 'failed', 'failed', 'skipped'] as const)[Math.floor(random() * 4)] ?? 'skipped',
}));
const answers = Array.from({ length: MINUTES }, () =>
  random() < 0.3 ? { kept: Math.floor(random() * 20) } : { kept: Math.floor(random() * 20), broken: 2 },
);
/** Between two minutes, so that nothing stands on the edge of a window. */
const moments = Array.from({ length: 60 }, (_, index) => index * 4 + 0.5);

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const { minute, good, isQuarantined, missing } of files) {
    const id = `c${minute}`;
    await database.query(
      `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, summary, duration_ms, checked_at)
       values ($1, 'parcels', 'a.csv', 'd', 1, 100, $2::bigint, 100 - $2::bigint, 0, $3, '', 1, $4)`,
      [id, good, isQuarantined ? 'quarantined' : 'fail', atMinute(minute)],
    );
    if (missing !== undefined)
      await database.query(
        `insert into check_problems (check_id, expectation, column_name, category, severity, row_count, share, sentence)
         values ($1, 'has', $2, 'missing-column', 'fail', 0, 0, '')`,
        [id, missing],
      );
  }
  for (const run of runs) await addRun(database, { ...run, pipeline: 'ingest' });
  for (const [minute, each] of answers.entries()) await addPredictions(database, { minute, answers: each });
}, 120_000);
afterAll(() => database.close());

/** What a rule measures at each moment; undefined without data. */
async function measured(kind: string, params = {}, at: readonly number[] = moments) {
  const rule = withFields({ name: 'tested', origin: 'settings' }, { kind, params });
  const found = await measure(database, rule, { moments: at.map(atMinute), model: 'parcels' });
  return found.map((each) => each?.value);
}

const within = <T extends { readonly minute: number }>(all: readonly T[], end: number, length: number): readonly T[] =>
  all.filter(({ minute }) => minute > end - length && minute <= end);
const validOf = ({ good, isQuarantined }: File): number => (isQuarantined ? 0 : good);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
};
const rounded = (values: readonly (number | undefined)[]) => values.map((value) => value && Number(value.toFixed(9)));

describe('what alert rules measure equals an independent computation', () => {
  it('of files without a valid row', async () => {
    const expected = moments.map((at) => {
      const found = within(files, at, 10);
      return found.length < 2 ? undefined : found.filter((file) => validOf(file) === 0).length / found.length;
    });
    expect(rounded(await measured('bad-files', { windowMinutes: 10 }))).toEqual(rounded(expected));
    expect(new Set(expected).size).toBeGreaterThan(5);
  });

  it('of bad rows', async () => {
    const expected = moments.map((at) => {
      const found = within(files, at, 30);
      return found.length === 0 ? undefined : 1 - sum(found.map(validOf)) / (100 * found.length);
    });
    expect(rounded(await measured('bad-rows'))).toEqual(rounded(expected));
  });

  it('of files that lack a column', async () => {
    const expected = (isLacking: (file: File) => boolean) =>
      moments.map((at) => {
        const found = within(files, at, 10);
        return found.length === 0 ? undefined : found.filter(isLacking).length;
      });
    expect(await measured('missing-column')).toEqual(expected(({ missing }) => missing !== undefined));
    expect(await measured('missing-column', { column: 'size' })).toEqual(expected(({ missing }) => missing === 'size'));
  });

  it('of the time since the last file, in its usual intervals', async () => {
    const expected = moments.map((at) => {
      const before = within(files, at, MINUTES)
        .map(({ minute }) => minute)
        .slice(-100);
      const last = before.at(-1);
      const gaps = before.slice(1).map((minute, index) => minute - (before[index] ?? 0));
      return last === undefined ? undefined : (at - last) / Math.max(1, gaps.length === 0 ? 0 : median(gaps));
    });
    expect(rounded(await measured('no-file'))).toEqual(rounded(expected));
  });

  it('of failed runs in a row', async () => {
    const expected = moments.map((at) => {
      const ended = runs.filter(({ minute, state }) => minute <= at && state !== 'skipped').reverse();
      const end = ended.findIndex(({ state }) => state === 'succeeded');
      return ended.length === 0 ? undefined : end === -1 ? ended.length : end;
    });
    expect(await measured('run-failed', { pipeline: 'ingest' })).toEqual(expected);
  });

  it('of equal predictions, before and after their counts are folded', async () => {
    const expected = moments.map((at) => {
      // Whole minutes that have passed.
      const found = answers.slice(Math.max(0, Math.floor(at) - 30), Math.floor(at));
      const [kept, broken] = [sum(found.map((each) => each.kept)), sum(found.map((each) => each.broken ?? 0))];
      return kept + broken < 50 ? undefined : Math.max(kept, broken) / (kept + broken);
    });
    expect(rounded(await measured('constant-prediction'))).toEqual(rounded(expected));
    await foldPredictionCounts(database);
    expect(rounded(await measured('constant-prediction'))).toEqual(rounded(expected));
  });
});

describe('what alert rules measure', () => {
  it('of a late pipeline begins again with a resumed schedule, and stops while it is paused', async () => {
    await addRun(database, { minute: 10, pipeline: 'nightly', state: 'succeeded' });
    await database.query(
      `insert into schedule_changes (pipeline, action, by, reason, at) values ('nightly', 'pause', 'a', 'b', $1), ('nightly', 'resume', 'a', 'b', $2)`,
      [atMinute(30), atMinute(50)],
    );
    const params = { pipeline: 'nightly', intervalMinutes: 10 };
    expect(await measured('run-late', params, [5, 20, 40, 70])).toEqual([undefined, 1, undefined, 2]);
  });

  it('of skipped predictions counts from the last that predicted, and only while they are skipped', async () => {
    for (const minute of [0, 10, 20]) await addRun(database, { minute, pipeline: 'predict', state: 'succeeded' });
    for (const minute of [30, 40, 50]) await addRun(database, { minute, pipeline: 'predict', state: 'skipped' });
    expect(await measured('predictions-skipped', {}, [25, 35, 60])).toEqual([0, 1.5, 4]);
  });

  it('of the backlog is how much it surely grew', async () => {
    const counts = [1, 2, 1, 3, 9, 8, 9, 12];
    await database.query(
      `insert into gauges select 'backlog', $1::timestamptz + n * interval '1 minute', ($2::float8[])[n] from generate_series(1, 8) as n`,
      [atMinute(0), counts],
    );
    const rising = await measured('backlog', { windowMinutes: 8 }, [0, 8.5, 30]);
    expect(rising).toEqual([undefined, 5, undefined]);
    await database.query("update gauges set value = 20 - value where gauge = 'backlog'");
    expect(await measured('backlog', { windowMinutes: 8 }, [8.5])).toEqual([0]);
  });

  it('of a disk is the newest sample, while it is fresh', async () => {
    await database.query("insert into gauges values ('disk-used', $1, 0.7), ('disk-used', $2, 0.95)", [
      ...[atMinute(1), atMinute(2)],
    ]);
    expect(await measured('disk-full', {}, [0, 1.5, 5, 20])).toEqual([undefined, 0.7, 0.95, undefined]);
  });

  it('of drift is what the newest judged window calls sustained', async () => {
    await addDriftWindow(database, { minute: 60, drifted: false });
    await addDriftWindow(database, { minute: 90, drifted: true });
    expect(await measured('drift', {}, [30, 70, 100])).toEqual([undefined, 0, 1]);
    expect(await measured('drift', { column: 'size' }, [100])).toEqual([0]);
    expect(await measured('drift', { stream: 'predictions' }, [100])).toEqual([undefined]);
  });

  it('of deliveries is those that were given up', async () => {
    await database.query(
      `with raised as (insert into alerts (dedupe_key, kind, criticality, title, summary) values ('lost', 'k', 'low', 't', '') returning id)
       insert into alert_deliveries (alert_id, channel, state, updated_at) select id, 'chat', 'failed', $1 from raised`,
      [atMinute(10)],
    );
    expect(await measured('delivery-dead', {}, [5, 20, 90])).toEqual([0, 1, 0]);
  });

  it('of the performance is how far the interval misses the gate', async () => {
    await database.query(
      `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
       values ('parcels', 1, 'knn', '{"evaluation": {"rows": 400}}', '{"accuracy": {"value": 0.9}}', '{}', 'd', '1')`,
    );
    await promote(database, { model: 'parcels', version: 1, alias: 'champion', actor: 'a', reason: 'b' });
    expect(await measured('performance', {}, [100])).toEqual([undefined]);
    await database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, row_number, row_id)
       select $1, 'parcels', 1, 'api', '{}', '"kept"', 0, n from generate_series(1, 100) as n`,
      [atMinute(0)],
    );
    await database.query(
      `insert into labels (model, row_id, value, observed_at, source)
       select 'parcels', n, case when n <= 60 then '"kept"' else '"broken"' end::jsonb, $1, 'api' from generate_series(1, 100) as n`,
      [atMinute(20)],
    );
    const [shortfall = 0] = await measured('performance', { tolerance: 0.01 }, [100]);
    // Wilson's interval of 60 of 100 ends at 0.6906; the gate is 0.89.
    expect(shortfall).toBeCloseTo(0.89 - 0.690601, 5);
  });

  it('is tried by what it measures, in steps of a minute', async () => {
    const rule = withFields({ name: 'tested', origin: 'settings' }, { kind: 'bad-rows', threshold: 0.5 });
    const trial = await tryRule(database, rule, { model: 'parcels', at: atMinute(MINUTES) });
    const last = trial.values.slice(-10).map(({ value }) => value ?? undefined);
    const minutes = Array.from({ length: 10 }, (_, index) => MINUTES - 9 + index);
    expect(last).toEqual(await measured('bad-rows', {}, minutes));
    expect(trial.values).toHaveLength(24 * 60 + 1);
    expect(conditionOf(rule).everyMinutes).toBe(1);
  });
});
