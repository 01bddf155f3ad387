import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Contract, category, defineContract, integer, keysIn, number, timestamp } from '#contracts';
import { blob, defineTask } from '#engine';
import { knn, listDatasets, storeLabels } from '#ml';
import {
  defineProject,
  fromFiles,
  fromGoodData,
  fromSql,
  type TrainingSource,
  trainPipeline,
  trainRegistry,
  trainTasks,
} from '#pipelines';
import type { References } from '../../../src/pipelines/references.ts';
import { lightgbmForTests } from '../../ml/lightgbm/lightgbm-for-tests.ts';
import { createWorld, runOnce, type World } from '../world.ts';

const columns = {
  id: integer({ role: 'id', unique: true }),
  weight: number({ min: 0, max: 100 }),
  outcome: category(['light', 'heavy'], { role: 'label' }),
};
const parcels = defineContract({ name: 'parcels', columns });
const timed = defineContract({ name: 'parcels', columns: { ...columns, sent: timestamp({ role: 'time' }) } });

/** A row whose label follows from its number. */
const outcomeOf = (id: number): string => (id % 100 < 50 ? 'light' : 'heavy');
const labelled = (from: number, to: number): string =>
  csvOf('id,weight,outcome', { from, to, line: (id) => `${id},${id % 100},${outcomeOf(id)}` });
const unlabelled = (from: number, to: number): string =>
  csvOf('id,weight', { from, to, line: (id) => `${id},${id % 100}` });
interface Lines {
  readonly from: number;
  readonly to: number;
  line(id: number): string;
}
function csvOf(header: string, { from, to, line }: Lines): string {
  const ids = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return `${[header, ...ids.map(line)].join('\n')}\n`;
}

/** Another dataset: the numbers of the parcels that are known. */
const acceptSenders = defineTask({
  name: 'accept-senders',
  version: '1',
  params: z.object({ to: z.number() }),
  outputs: { good: blob() },
  run: async ({ params, blob: store }) => {
    return { good: await store(Buffer.from(csvOf('parcel', { from: 1, to: params.to, line: String }))) };
  },
});

describe('training data', () => {
  let world: World;
  let project: string;
  beforeAll(async () => {
    world = await createWorld();
    project = path.join(world.folder, 'project');
  });
  afterAll(() => world?.close());
  beforeEach(async () => {
    await world.clear();
    await rm(project, { recursive: true, force: true });
    await mkdir(path.join(project, 'history'), { recursive: true });
    await world.database.query('truncate promotions, model_versions, dataset_versions, labels, predictions');
  });

  const train = async (
    training: TrainingSource | readonly TrainingSource[],
    contract: Contract = parcels,
    references: References = {},
  ) => {
    const { database, artifacts, duckdb } = world;
    const options = {
      project: defineProject({
        ...{ name: 'parcels', title: 'Parcels', contract, estimator: knn({ k: 3 }), training, references },
      }),
      ...{ projectFolder: project, goodFolder: world.folders.good, connections: () => database },
      ...{
        database,
        artifacts,
        duckdb,
        testShare: 0.25,
        seed: 1,
        tolerance: 0.01,
        lightgbm: lightgbmForTests,
        parts: 1,
        address: '127.0.0.1',
      },
    };
    const tasks = trainTasks(options);
    const engine = world.engine({
      tasks: [...trainRegistry(tasks), acceptSenders],
      pipelines: [trainPipeline(options, tasks)],
    });
    return runOnce(engine, database, 'train');
  };
  const put = (name: string, content: string) => writeFile(path.join(project, name), content);
  const versions = () => listDatasets(world.database, { model: 'parcels', limit: 10 });
  const rowsTrained = async () => {
    const [row] = await world.database.query<{ rows: number }>(
      `select (manifest #>> '{trainedOn,rows}')::integer as rows from model_versions order by version desc limit 1`,
    );
    return row?.rows ?? 0;
  };

  it('are the rows of a file, or of the files of a folder', async () => {
    await put('history/one.csv', labelled(1, 120));
    await put('history/two.csv', labelled(121, 200));
    expect(await train(fromFiles('history/one.csv'))).toMatchObject({ state: 'succeeded' });
    expect(await train(fromFiles('history'))).toMatchObject({ state: 'succeeded' });
    expect(await versions()).toMatchObject([
      { version: 2, rows: 200, added: 80, removed: 0, changed: 0, parts: [{ kind: 'files', files: 2, rows: 200 }] },
      { version: 1, rows: 120, added: 120, trained: [1] },
    ]);
  });

  it('are compared with other datasets, and anew when these have changed', async () => {
    const known = defineContract({
      name: 'parcels',
      columns,
      expectations: [keysIn('id', { dataset: 'senders', columnsThere: 'parcel' })],
    });
    await put('history.csv', labelled(1, 200));
    for (const to of [160, 160, 200]) {
      const references = { senders: { goal: acceptSenders.goal({ to }), output: 'good' } };
      expect(await train(fromFiles('history.csv'), known, references)).toMatchObject({ state: 'succeeded' });
    }
    expect((await versions()).map(({ rows }) => rows)).toEqual([200, 160]);
  });

  it('are joined with what arrived, and a run says how many rows are new', async () => {
    await put('history.csv', labelled(1, 200));
    const sources = [fromFiles('history.csv'), fromGoodData()];
    expect(await train(sources)).toMatchObject({ state: 'succeeded' });
    for (let file = 0; file < 10; file += 1)
      await world.put('good', `arrived-${file}.csv`, labelled(201 + 10 * file, 210 + 10 * file));
    const { state, runId } = await train(sources);
    expect(state).toBe('succeeded');
    expect(await versions()).toMatchObject([
      { version: 2, rows: 300, added: 100, runId, parts: [{ rows: 200 }, { kind: 'good-data', files: 10, rows: 100 }] },
      { version: 1, rows: 200 },
    ]);
    const [log] = await world.database.query<{ log: string }>(
      `select a.log from attempts a join task_runs t on t.run_id = a.run_id and t.goal = a.goal
        where t.task = 'collect-dataset' and t.run_id = $1`,
      [runId],
    );
    expect(log?.log).toContain('dataset 2: 300 rows, 100 of them new; 0 wait for their label');
    expect(await rowsTrained()).toBeGreaterThan(200);
  });

  it('keep the label that is known when a row arrives again without it', async () => {
    await put('history.csv', labelled(1, 200));
    await world.put('good', 'again.csv', 'id,weight\n7,70\n');
    expect(await train([fromFiles('history.csv'), fromGoodData()])).toMatchObject({ state: 'succeeded' });
    expect(await versions()).toMatchObject([
      { rows: 200, unlabelled: 0, replaced: 1, parts: [{ rows: 199 }, { rows: 1 }] },
    ]);
  });

  it('wait for their label, and are taken when it comes', async () => {
    await put('history.csv', labelled(1, 200));
    await world.put('good', 'arrived.csv', unlabelled(201, 300));
    const sources = [fromFiles('history.csv'), fromGoodData()];
    await train(sources);
    expect(await versions()).toMatchObject([{ rows: 200, unlabelled: 100 }]);
    const labels = Array.from({ length: 60 }, (_, index) => ({
      rowId: String(201 + index),
      value: outcomeOf(201 + index),
    }));
    await storeLabels(world.database, { model: 'parcels', source: 'api', labels });
    await train(sources);
    expect(await versions()).toMatchObject([{ version: 2, rows: 260, added: 60, unlabelled: 40 }, { version: 1 }]);
  });

  it('have each id once: the row of the last source, with the label that was sent', async () => {
    await put('history.csv', labelled(1, 200));
    await world.put('good', 'again.csv', `id,weight,outcome\n007,99,heavy\n8,8,light\n`);
    await storeLabels(world.database, {
      ...{ model: 'parcels', source: 'api' },
      labels: [{ rowId: '9', value: 'heavy' }],
    });
    await train([fromFiles('history.csv'), fromGoodData()]);
    const [version] = await versions();
    expect(version).toMatchObject({ rows: 200, replaced: 2, parts: [{ rows: 198 }, { rows: 2 }] });
    const content = Buffer.concat(await (await world.artifacts.read(version?.digest ?? '')).toArray()).toString();
    expect(content.split('\n')).toEqual(expect.arrayContaining(['007,99,heavy', '8,8,light', '9,9,heavy']));
    expect(content).not.toMatch(/^7,/m);
  });

  it('have ids of a kind that allows fractions joined with labels by their value', async () => {
    const contract = defineContract({
      name: 'parcels',
      columns: { ...columns, id: number({ role: 'id', unique: true }) },
    });
    await put('history.csv', labelled(1, 200));
    await world.put('good', 'arrived.csv', 'id,weight\n300,7\n300.5,8\n');
    await storeLabels(world.database, {
      ...{ model: 'parcels', source: 'api' },
      labels: ['300', '300.5'].map((rowId) => ({ rowId, value: 'light' })),
    });
    await train([fromFiles('history.csv'), fromGoodData()], contract);
    expect(await versions()).toMatchObject([{ rows: 202, unlabelled: 0 }]);
  });

  it('are the same version when the same rows come in other files and in another order', async () => {
    await put('history.csv', labelled(1, 200));
    await train(fromFiles('history.csv'));
    const lines = labelled(1, 200).trimEnd().split('\n').slice(1);
    await put('history.csv', `outcome,id,weight\n${lines.toReversed().map(turned).join('\n')}\n`);
    expect(await train(fromFiles('history.csv'))).toMatchObject({ tasks: { 'fit-model': 'cached' } });
    expect(await versions()).toHaveLength(1);
  });

  it('are those of a window of days, by the time of the row', async () => {
    const now = Date.now();
    // Twelve hours from the ends of the window, at any time of the day.
    const sent = (id: number): string => new Date(now - (id - 0.5) * 86_400_000).toISOString();
    await put(
      'history.csv',
      csvOf('id,weight,outcome,sent', {
        ...{ from: 1, to: 200 },
        line: (id) => `${id},${id % 100},${outcomeOf(id)},${sent(id)}`,
      }),
    );
    expect(await train(fromFiles('history.csv', { lastDays: 100 }), timed)).toMatchObject({ state: 'succeeded' });
    expect(await versions()).toMatchObject([{ rows: 100 }]);
    // Trained on the older three quarters.
    expect(await rowsTrained()).toBe(75);
  });

  it('are, where the rows have no time, those of files that were placed in a window', async () => {
    await put('history.csv', labelled(1, 200));
    await world.put('good', 'old.csv', labelled(201, 210));
    await world.put('good', 'new.csv', labelled(211, 230));
    const now = Date.now() / 1000;
    await utimes(path.join(world.folders.good, 'new.csv'), now, now);
    await train([fromFiles('history.csv'), fromGoodData({ lastDays: 30 })]);
    expect(await versions()).toMatchObject([{ rows: 220, parts: [{}, { files: 1, rows: 20 }] }]);
  });

  it('of files with semicolons come together with those of a query', async () => {
    await world.database.query('drop table if exists parcels');
    await world.database.query('create table parcels as select 1 as id, 1::float8 as weight, $$heavy$$ as outcome');
    await put('parcels.sql', 'select * from parcels');
    await put('history.csv', labelled(1, 200).replaceAll(',', ';'));
    const contract = defineContract({ name: 'parcels', columns, delimiter: ';' });
    const sources = [fromFiles('history.csv'), fromSql({ connection: 'own', sql: 'parcels.sql' })];
    expect(await train(sources, contract)).toMatchObject({ state: 'succeeded' });
    expect(await versions()).toMatchObject([
      { rows: 200, replaced: 1, parts: [{ rows: 199 }, { kind: 'sql', rows: 1 }] },
    ]);
  });

  it.each([
    ['a file that is not there', fromFiles('nowhere.csv'), /Expected training data at .*nowhere\.csv; it is missing/],
    ['rows that all wait for their label', fromGoodData(), /no labelled row to train on: 10 rows wait/],
  ])('fail in words: %s', async (_, source, reason) => {
    await world.put('good', 'arrived.csv', unlabelled(1, 10));
    const run = await train(source);
    expect(run.state).toBe('failed');
    expect(run.reason).toMatch(reason);
  });
});

const turned = (line: string): string => {
  const [id, weight, outcome] = line.split(',');
  return `${outcome},${id},${weight}`;
};
