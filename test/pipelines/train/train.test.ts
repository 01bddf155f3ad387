import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boolean, type Contract, category, defineContract, integer, number, text } from '#contracts';
import { gradientBoosting, knn, loadModel, modelCard, mostFrequent, rollBack } from '#ml';
import { defineProject, fromSql, type ModelProject, trainPipeline, trainRegistry, trainTasks } from '#pipelines';
import { hasLightgbm, lightgbmForTests } from '../../ml/lightgbm/lightgbm-for-tests.ts';
import { trainers, untilConnected } from '../../ml/lightgbm/trainers.ts';
import { createWorld, runOnce, type World } from '../world.ts';

const columns = {
  id: integer({ role: 'id' as const, unique: true }),
  weight: number({ min: 0, max: 100 }),
  note: text({ nullable: true, role: 'meta' as const }),
};
const LABELS = {
  category: category(['light', 'heavy'], { role: 'label' }),
  boolean: boolean({ role: 'label' }),
} as const;
const contractWith = (label: keyof typeof LABELS): Contract =>
  defineContract({ name: 'parcels', columns: { ...columns, outcome: LABELS[label] } });

const AFTER_QUERY = ['check-dataset', 'split-dataset', 'fit-model', 'evaluate-model', 'register-model'];

describe('train', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    await writeFile(
      path.join(world.folder, 'parcels.sql'),
      'select id, weight, note, outcome from parcels order by id',
    );
  });
  afterAll(() => world?.close());
  beforeEach(async () => {
    await world.clear();
    await world.database.query('truncate promotions, model_versions');
    await world.database.query('drop table if exists parcels');
    await world.database.query('create table parcels (id int primary key, weight float8, note text, outcome text)');
  });

  /** Rows whose label follows from their weight. */
  const fill = (count: number, [light, heavy]: readonly [string, string] = ['light', 'heavy']) =>
    world.database.query(
      `insert into parcels select n, n % 100, null, case when n % 100 < 50 then $2 else $3 end from generate_series(1, $1::int) n`,
      [count, light, heavy],
    );
  const build = (
    change: Partial<Pick<ModelProject, 'estimator' | 'contract'>> = {},
    { lightgbm = lightgbmForTests, parts = 1 } = {},
  ) => {
    const { database, artifacts, duckdb, folder } = world;
    const project = defineProject({
      ...{ name: 'parcels', title: 'Parcels', contract: contractWith('category'), estimator: knn({ k: 3 }) },
      training: fromSql({ connection: 'own', sql: 'parcels.sql' }),
      ...change,
    });
    const options = {
      ...{
        project,
        projectFolder: folder,
        goodFolder: world.folders.good,
        connections: () => database,
        database,
        artifacts,
        duckdb,
      },
      ...{ testShare: 0.25, seed: 1, tolerance: 0.01, lightgbm, parts, address: '127.0.0.1' },
    };
    const tasks = trainTasks(options);
    const engine = world.engine({ tasks: trainRegistry(tasks), pipelines: [trainPipeline(options, tasks)] });
    return () => runOnce(engine, database, 'train');
  };
  const versions = () =>
    world.database.query('select version, dataset_version, metrics from model_versions order by version');
  const champion = async () => {
    const [row] = await world.database.query<{ version: number }>(
      `select version from promotions where alias = 'champion' order by id desc limit 1`,
    );
    return row?.version;
  };

  it('registers a first model and makes it champion', async () => {
    await fill(200);
    expect(await build()()).toMatchObject({ state: 'succeeded' });
    expect(await versions()).toHaveLength(1);
    expect(await champion()).toBe(1);
  });

  it('says on the card of the model which version of the task fitted it', async () => {
    await fill(200);
    await build()();
    const [fit] = await world.database.query<{ code: string }>(`select code from manifests where task = 'fit-model'`);
    expect(fit?.code).toMatch(/^version:/);
    const card = await modelCard(world.database, world.artifacts, { model: 'parcels', version: 1 });
    expect(card).toContain(`- Code: \`fit-model ${fit?.code}\``);
  });

  it('reads the rows again, and does nothing more when they are the same', async () => {
    await fill(200);
    const train = build();
    await train();
    const again = await train();
    expect(again).toMatchObject({ state: 'succeeded', tasks: { 'query-data': 'succeeded' } });
    for (const task of AFTER_QUERY) expect(again.tasks[task], task).toBe('cached');
    expect(await versions()).toHaveLength(1);
    expect(await world.database.query('select from promotions')).toHaveLength(1);
  });

  it('registers another version, of another dataset version, when the rows are others', async () => {
    await fill(200);
    const train = build();
    await train();
    await world.database.query('delete from parcels where id > 180');
    expect(await train()).toMatchObject({ state: 'succeeded', tasks: { 'fit-model': 'succeeded' } });
    const [one, two] = await versions();
    expect(two?.dataset_version).not.toBe(one?.dataset_version);
    expect(await champion()).toBe(2);
  });

  it('keeps a champion that is better on the same rows', async () => {
    await fill(200);
    await build()();
    const worse = await build({ estimator: mostFrequent() })();
    expect(worse).toMatchObject({ state: 'succeeded', tasks: { 'promote-model': 'succeeded' } });
    expect(await versions()).toHaveLength(2);
    expect(await champion()).toBe(1);
  });

  it.skipIf(!hasLightgbm())(
    'trains, registers and promotes trees that LightGBM made, which predict and explain',
    async () => {
      await fill(200);
      const estimator = gradientBoosting({ engine: 'lightgbm', trees: 20, leafRowsMin: 5 });
      expect(await build({ estimator })()).toMatchObject({ state: 'succeeded', tasks: { 'fit-model': 'succeeded' } });
      expect(await champion()).toBe(1);
      const { database, artifacts } = world;
      const model = await loadModel(database, artifacts, { model: 'parcels', version: 1 });
      expect(model.predict([{ weight: 10 }, { weight: 90 }]).map(({ value }) => value)).toEqual(['light', 'heavy']);
      const [explained] = model.explain([{ weight: 90 }]);
      expect(explained).toMatchObject({ of: 'log-odds', class: 'heavy', isExact: true });
      expect((explained?.base ?? 0) + (explained?.contributions.weight ?? 0)).toBeCloseTo(
        explained?.output ?? Number.NaN,
        9,
      );
    },
  );

  it.skipIf(!hasLightgbm())('trains in parts at once, each of which ends with the same model', async () => {
    await fill(200);
    const estimator = gradientBoosting({ engine: 'lightgbm', trees: 20, leafRowsMin: 5 });
    const ended = await build({ estimator }, { parts: 2 })();
    expect(ended).toMatchObject({ state: 'succeeded', tasks: { 'fit-part': 'succeeded', 'fit-model': 'succeeded' } });
    const model = await loadModel(world.database, world.artifacts, { model: 'parcels', version: 1 });
    expect(model.predict([{ weight: 10 }, { weight: 90 }]).map(({ value }) => value)).toEqual(['light', 'heavy']);
    expect(await world.database.query('select from training_parts')).toEqual([]);
  });

  it.skipIf(!hasLightgbm())('trains all parts again when the process of one is killed', async () => {
    await fill(200);
    const estimator = gradientBoosting({ engine: 'lightgbm', trees: 300, learningRate: 0.01, leafRowsMin: 5 });
    const run = build({ estimator }, { parts: 2 })();
    await untilConnected(world.database);
    const [victim = Number.NaN] = trainers();
    process.kill(victim, 'SIGKILL');
    expect(await run).toMatchObject({ state: 'succeeded', tasks: { 'fit-part': 'succeeded' } });
    const attempts = await world.database.query<{ attempts: number }>(
      `select count(*)::int as attempts from attempts join task_runs using (run_id, goal)
       where task = 'fit-part' and run_id = (select id from runs order by created_at desc limit 1) group by goal`,
    );
    expect(attempts.map((each) => each.attempts)).toEqual([2, 2]);
    expect(await versions()).toHaveLength(1);
  });

  it('fails with the command that fetches LightGBM where it is missing', async () => {
    await fill(200);
    const lightgbm = () => ({ file: path.join(world.folder, 'lib_lightgbm.so'), sha256: '0'.repeat(64) });
    const ended = await build({ estimator: gradientBoosting({ engine: 'lightgbm' }) }, { lightgbm })();
    expect(ended).toMatchObject({ state: 'failed', tasks: { 'fit-model': 'failed' } });
    const [failed] = await world.database.query<{ reason: string }>(
      `select reason from task_runs where task = 'fit-model' and state = 'failed' limit 1`,
    );
    expect(failed?.reason).toContain('Fetch it: weir native add lightgbm');
  });

  it('does not undo a rollback: only a person promotes a version again that a person replaced', async () => {
    await fill(200);
    const train = build();
    await train();
    await world.database.query('delete from parcels where id > 180');
    await train();
    const { database } = world;
    const who = { model: 'parcels', alias: 'champion', actor: 'ann', reason: 'it was wrong about letters' } as const;
    await rollBack(database, who);
    expect(await train()).toMatchObject({ state: 'succeeded', tasks: { 'promote-model': 'succeeded' } });
    expect(await champion()).toBe(1);
    await world.database.query('delete from parcels where id > 160');
    await train();
    expect(await champion()).toBe(3);
  });

  it('learns a boolean, and texts that hold every line end there is', async () => {
    await fill(200, ['false', 'true']);
    await world.database.query(`update parcels set note = E'a\\u2028b\\u2029c\\u0085d\\r\\ne "f"' where id % 2 = 0`);
    expect(await build({ contract: contractWith('boolean') })()).toMatchObject({ state: 'succeeded' });
    const [version] = await versions();
    expect(JSON.stringify(version?.metrics)).toContain('accuracy');
  });

  it.each([
    ['no row', 0, 'not fit to train on'],
    ['one row', 1, 'both sides of the split'],
  ])('fails in words when there is %s', async (_, count, reason) => {
    await fill(count);
    const run = await build()();
    expect(run).toMatchObject({ state: 'failed', reason: expect.stringContaining(reason) });
    expect(await versions()).toEqual([]);
    expect(await champion()).toBeUndefined();
  });

  it('fails in words when most rows break the contract', async () => {
    await fill(100);
    await world.database.query(`update parcels set weight = 1000 where id > 20`);
    expect(await build()()).toMatchObject({ state: 'failed', reason: expect.stringContaining('not fit to train on') });
  });

  it('fails in words when the query does, and trains nothing', async () => {
    await world.database.query('drop table parcels');
    expect(await build()()).toMatchObject({ state: 'failed', reason: expect.stringContaining('parcels') });
    expect(await versions()).toEqual([]);
    await world.database.query('create table parcels (id int)');
  });
});
