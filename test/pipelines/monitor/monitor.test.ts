import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { category, defineContract, integer, number, timestamp } from '#contracts';
import { knn, linearRegression, loadModel, promote, storePredictions } from '#ml';
import { getDriftWindow, listDriftWindows, readDrift } from '#monitor';
import {
  arrivingContract,
  defineProject,
  fromSql,
  ingestPipeline,
  ingestRegistry,
  ingestTasks,
  monitorPipeline,
  monitorRegistry,
  monitorTasks,
  trainPipeline,
  trainRegistry,
  trainTasks,
} from '#pipelines';
import { lightgbmForTests } from '../../ml/lightgbm/lightgbm-for-tests.ts';
import { createWorld, runOnce, type World } from '../world.ts';

const columns = {
  id: integer({ role: 'id' as const, unique: true }),
  weight: number({ min: 0, max: 1000 }),
  size: category(['small', 'large', 'huge']),
  sent: timestamp({ role: 'time' as const }),
};
const PROJECTS = {
  'that predicts classes': {
    label: category(['light', 'heavy'], { role: 'label' }),
    estimator: knn({ k: 3 }),
    outcome: `case when n % 100 < 50 then 'light' else 'heavy' end`,
  },
  'that predicts numbers': {
    label: number({ role: 'label' }),
    estimator: linearRegression(),
    outcome: '(2 * (n % 100))::text',
  },
} as const;

const rules = {
  ...{ windowMinutes: 60, latenessMinutes: 5, rowsMin: 100, mergedMax: 3 },
  ...{ sustainedWindows: 2, lastWindows: 3, falseAlarmRate: 0.05 },
};

/** Rows of one hour of a day in March, like those of training unless they are moved. */
function hourOf(
  hour: number,
  { rows = 120, moved = 0, size = (n: number): string => (n % 2 === 0 ? 'small' : 'large') } = {},
) {
  const lines = Array.from({ length: rows }, (_, n) => {
    const minute = String(Math.floor((n * 60) / rows)).padStart(2, '0');
    const at = `2026-03-01T${String(hour).padStart(2, '0')}:${minute}:00Z`;
    return `${hour * 1000 + n},${((n * 37) % 100) + moved},${size(n)},${at}`;
  });
  return `${['id,weight,size,sent', ...lines].join('\n')}\n`;
}

describe('monitor', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    await writeFile(
      path.join(world.folder, 'parcels.sql'),
      'select id, weight, size, sent, outcome from parcels order by id',
    );
  });
  afterAll(() => world?.close());
  beforeEach(async () => {
    await world.clear();
    await world.database.query(
      'truncate promotions, model_versions, predictions, prediction_requests, prediction_counts_arrived',
    );
    await world.database.query('drop table if exists parcels');
    await world.database.query(
      'create table parcels (id int primary key, weight float8, size text, sent text, outcome text)',
    );
  });

  /** A project with a champion that was trained on 400 rows, half of them of February. */
  const start = async (kind: keyof typeof PROJECTS, isTrained = true) => {
    const { database, artifacts, duckdb, folder, folders } = world;
    const { label, estimator, outcome } = PROJECTS[kind];
    await database.query(
      `insert into parcels select n, n % 100, case when n % 2 = 0 then 'small' else 'large' end,
         to_char(timestamp '2026-01-01' + n * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ${outcome}
         from generate_series(1, 400) n`,
    );
    const project = defineProject({
      ...{ name: 'parcels', title: 'Parcels', estimator },
      contract: defineContract({ name: 'parcels', columns: { ...columns, outcome: label } }),
      training: fromSql({ connection: 'own', sql: 'parcels.sql' }),
    });
    const contract = arrivingContract(project.contract);
    const base = { database, artifacts, duckdb, folders };
    const train = {
      ...{ ...base, project, projectFolder: folder, goodFolder: folders.good, connections: () => database },
      ...{ testShare: 0.25, seed: 1, tolerance: 0.01, lightgbm: lightgbmForTests, parts: 1, address: '127.0.0.1' },
    };
    const ingest = { ...base, model: 'parcels', contract, alertChannels: [], reportUrl: () => '' };
    const monitor = { ...base, model: 'parcels', contract, label: 'outcome', rules };
    const tasks = { train: trainTasks(train), ingest: ingestTasks(ingest), monitor: monitorTasks(monitor) };
    const engine = world.engine({
      tasks: [...trainRegistry(tasks.train), ...ingestRegistry(tasks.ingest), ...monitorRegistry(tasks.monitor)],
      pipelines: [
        trainPipeline(train, tasks.train),
        ingestPipeline(ingest, tasks.ingest),
        monitorPipeline(monitor, tasks.monitor),
      ],
    });
    const run = (pipeline: string) => runOnce(engine, database, pipeline);
    if (isTrained) expect(await run('train')).toMatchObject({ state: 'succeeded' });
    const arrive = async (name: string, content: string): Promise<void> => {
      await world.put('raw', name, content);
      expect(await run('ingest')).toMatchObject({ state: 'succeeded' });
    };
    return { run, arrive };
  };

  const windows = async (stream: 'data' | 'predictions') => {
    const { items } = await listDriftWindows(world.database, { model: 'parcels', stream, limit: 50 });
    return items.reverse();
  };

  it('has nothing to do without a champion', async () => {
    const { run } = await start('that predicts classes', false);
    expect(await run('monitor')).toMatchObject({ state: 'skipped', reason: expect.stringContaining('no champion') });
  });

  it('judges the hours of arriving rows once: those like training are stable, and drift in two of three is sustained', async () => {
    const { run, arrive } = await start('that predicts classes');
    await arrive('a.csv', hourOf(8));
    await arrive('b.csv', hourOf(9, { moved: 40 }));
    // The newest rows are of 09:59, and with the lateness the hour has not ended.
    expect(await run('monitor')).toMatchObject({ state: 'succeeded' });
    expect((await windows('data')).map(({ from, verdict }) => [from, verdict])).toEqual([
      ['2026-03-01T08:00:00.000Z', 'stable'],
    ]);
    await arrive('c.csv', hourOf(10, { moved: 40, size: () => 'huge' }));
    await arrive('d.csv', hourOf(11, { rows: 10 }));
    expect(await run('monitor')).toMatchObject({ state: 'succeeded' });
    const judged = await windows('data');
    expect(
      judged.map(({ verdict, isSustained, rows, drifted }) => [
        verdict,
        isSustained,
        rows,
        drifted.map(({ column, kind }) => `${column} ${kind}`),
      ]),
    ).toEqual([
      ['stable', false, 120, []],
      ['drifted', false, 120, ['weight distribution']],
      ['drifted', true, 120, ['size distribution', 'size new-category', 'weight distribution']],
    ]);
    expect(judged[2]?.sentence).toContain('weight, values moved by');
    const latest = await getDriftWindow(world.database, { model: 'parcels', id: judged[2]?.id ?? '' });
    expect(latest?.files.map(({ file, rows }) => [file, rows])).toEqual([['c.csv', 120]]);
    const weight = latest?.columns.find(({ column }) => column === 'weight');
    expect(weight?.importance).toBeGreaterThan(0.5);
    expect(weight?.bins.reduce((sum, { before }) => sum + (before ?? 0), 0)).toBe(120);
    expect(latest?.columns.map(({ verdict }) => verdict)).toEqual(['drifted', 'drifted']);
    // Ten rows of an hour that has not ended.
    expect(await run('monitor')).toMatchObject({ state: 'skipped', reason: expect.stringContaining('has ended') });
    expect(await windows('data')).toEqual(judged);
  });

  it('counts rows that come after their window was judged, and merges hours with few rows', async () => {
    const { run, arrive } = await start('that predicts classes');
    await arrive('a.csv', hourOf(8));
    await arrive('b.csv', hourOf(9, { rows: 60 }));
    await arrive('c.csv', hourOf(10, { rows: 60 }));
    await arrive('d.csv', hourOf(12, { rows: 20 }));
    await arrive('e.csv', hourOf(20, { rows: 20 }));
    await run('monitor');
    await arrive('late.csv', hourOf(8, { rows: 7 }).replaceAll('\n8', '\n18'));
    await run('monitor');
    expect(
      (await windows('data')).map(({ from, to, status, rows, lateRows }) => [
        from.slice(11, 13),
        to.slice(11, 13),
        status,
        rows,
        lateRows,
      ]),
    ).toEqual([
      ['08', '09', 'judged', 120, 7],
      ['09', '11', 'judged', 120, 0],
      ['12', '15', 'too-few-rows', 20, 0],
    ]);
  });

  it('gives no verdict where the champion has no reference, and says to train again, which gives it one', async () => {
    const { run, arrive } = await start('that predicts classes');
    await world.database.query(
      `update model_versions set files = files - 'reference.json', manifest = manifest #- '{files,reference.json}'`,
    );
    await arrive('a.csv', hourOf(8));
    await arrive('b.csv', hourOf(10, { rows: 10 }));
    await run('monitor');
    const { streams } = await readDrift(world.database, { model: 'parcels', version: 1 });
    expect(streams[0]).toMatchObject({ status: 'no-reference', sentence: expect.stringContaining('Train again') });
  });

  it.each(['that predicts classes', 'that predicts numbers'] as const)(
    'judges predictions of a project %s, and repeats them',
    async (kind) => {
      const { run } = await start(kind);
      const { database, artifacts } = world;
      const model = await loadModel(database, artifacts, { model: 'parcels', version: 1 });
      const hour = 3_600_000;
      const now = Math.floor(Date.now() / hour) * hour;
      const predict = async (hoursAgo: number, { moved = 0, wrong = 0 } = {}): Promise<void> => {
        // The rows that the model was tested on: those of the newest hours.
        const numbers = Array.from({ length: 150 }, (_, n) => 301 + (n % 100));
        const rows = numbers.map((n) => ({ weight: moved || n % 100, size: n % 2 === 0 ? 'small' : 'large' }));
        const times = numbers.map((n) => new Date(Date.UTC(2026, 0, 1, n)));
        const dated = rows.map((row, n) => ({ ...row, sent: times[n]?.toISOString() ?? null }));
        const other = kind === 'that predicts numbers' ? -1 : 'lost';
        const made = await storePredictions(database, {
          ...{ model: 'parcels', version: 1, source: 'api', rows },
          predictions: model.predict(dated).map((each, n) => (n < wrong ? { ...each, value: other } : each)),
          identities: times.map((rowTime) => ({ rowTime })),
        });
        const at = new Date(now - hoursAgo * hour);
        await database.query('update predictions set at = $1 where id = any($2::bigint[])', [
          at,
          made.map(({ predictionId }) => predictionId),
        ]);
        await database.query(`update prediction_counts_arrived set minute = $1 where minute > $2`, [
          at,
          new Date(now - hour / 2),
        ]);
      };
      // A challenger that says what version 1 says: it differs where the stored prediction is another one.
      await database.query(
        `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
         select model, 2, estimator, manifest, metrics, files, dataset_version, 'another' from model_versions`,
      );
      const change = { actor: 'ada', reason: 'to compare' };
      await promote(database, { model: 'parcels', version: 2, alias: 'challenger', ...change });
      await predict(6);
      await predict(5, { moved: 90 });
      await predict(4, { wrong: 2 });
      expect(await run('monitor')).toMatchObject({ state: 'succeeded' });
      const judged = await windows('predictions');
      expect(
        judged.map(({ rows, drifted }) => [
          rows,
          drifted.map(({ subject, column: name, kind: what }) => `${subject} ${name} ${what}`),
        ]),
      ).toEqual([
        [150, []],
        [150, expect.arrayContaining(['feature weight distribution', 'prediction prediction distribution'])],
        [150, ['prediction prediction skew']],
      ]);
      expect(judged[2]?.sentence).toContain('2 of 150 predictions are not repeated');
      expect(await windows('data')).toEqual([]);
      const challenges = await database.query<{ version: number; rows: number; difference: number }>(
        `select challenger_version as version, challenger_rows as rows, challenger_difference as difference
           from drift_windows order by from_at`,
      );
      expect(challenges.map(({ version, rows }) => [version, rows])).toEqual([
        [2, 150],
        [2, 150],
        [2, 150],
      ]);
      const [first, second, third] = challenges.map(({ difference }) => difference);
      expect([first, second]).toEqual([0, 0]);
      if (kind === 'that predicts classes') expect(third).toBeCloseTo(2 / 150, 9);
      else expect(third).toBeGreaterThan(1 / 150);
    },
  );
});
