import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boolean, category, defineContract, integer, number } from '#contracts';
import type { Task } from '#engine';
import {
  arrivingContract,
  ingestPipeline,
  ingestRegistry,
  ingestTasks,
  labelsPipeline,
  labelsRegistry,
  labelsTasks,
} from '#pipelines';
import { createRegistry } from '../../../src/engine/define/registry.ts';
import { createWorld, runOnce, type World } from '../world.ts';

const contract = defineContract({
  name: 'parcels',
  columns: {
    id: integer({ role: 'id', unique: true }),
    weight: number({ min: 0, max: 50 }),
    fragile: boolean({ nullable: true }),
    outcome: category(['kept', 'broken'], { role: 'label' }),
  },
});
/** Long after anything was written, so that no file is young. */
const LATER = { now: () => Date.now() + 60_000, sleep: async () => undefined };

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.close());
beforeEach(() => world.clear());

const build = (wrap: (task: Task) => Task = (task) => task) => {
  const { database, duckdb, folders } = world;
  const base = { model: 'parcels', database, duckdb, folders, alertChannels: [] };
  const ingestOptions = { ...base, contract: arrivingContract(contract), reportUrl: (id: string) => `http://a/${id}` };
  const labelOptions = { ...base, contract, runUrl: (id: string) => `http://a/runs/${id}` };
  const [ingest, labels] = [ingestTasks(ingestOptions), labelsTasks(labelOptions)];
  const engine = world.engine({
    tasks: createRegistry([...ingestRegistry(ingest), ...labelsRegistry(labels)]).tasks.map(wrap),
    pipelines: [ingestPipeline(ingestOptions, ingest, LATER), labelsPipeline(labelOptions, labels, LATER)],
  });
  return {
    ingest: () => runOnce(engine, database, 'ingest'),
    labels: () => runOnce(engine, database, 'labels'),
  };
};
const stored = () =>
  world.database.query<{ id: string; value: string; source: string }>(
    'select row_id as id, value, source from labels order by row_id, id',
  );

describe('files of labels', () => {
  it('are stored and removed', async () => {
    await world.put('labels', 'a.csv', 'row_id;value\n1;kept\n2;broken\n');
    expect(await build().labels()).toMatchObject({ state: 'succeeded' });
    expect(await stored()).toEqual([
      { id: '1', value: 'kept', source: 'file' },
      { id: '2', value: 'broken', source: 'file' },
    ]);
    expect([await world.list('labels'), await world.list('bad')]).toEqual([[], []]);
    expect(await build().labels()).toMatchObject({ state: 'skipped', reason: 'label-data holds no new file' });
  });

  it('that arrive again correct what came between them', async () => {
    for (const value of ['kept', 'broken', 'kept']) {
      await world.put('labels', 'a.csv', `id,outcome\n1,${value}\n`);
      expect(await build().labels()).toMatchObject({ state: 'succeeded' });
    }
    expect((await stored()).map(({ value }) => value)).toEqual(['kept', 'broken', 'kept']);
  });

  it('leave bad lines with their reasons in bad-data, and raise an alert', async () => {
    await world.put('labels', 'a.csv', 'id,outcome\n1,kept\n2,lost\n3,kept,4\n');
    const { runId } = await build().labels();
    expect(await stored()).toMatchObject([{ id: '1' }]);
    const name = `a.arrival-${runId}`;
    expect(await world.list('bad')).toEqual([`labels/${name}.csv`, `labels/rejected/${name}.jsonl`]);
    expect(await world.read('bad', `labels/${name}.csv`)).toContain('2,lost,');
    expect(await world.database.query('select title, link from alerts')).toEqual([
      { title: 'Data problems in a.csv', link: `http://a/runs/${runId}` },
    ]);
  });

  it('that hold no label are kept whole', async () => {
    await world.put('labels', 'a.csv', 'a,b\n1,2\n');
    expect(await build().labels()).toMatchObject({ state: 'succeeded' });
    expect(await world.list('labels')).toEqual([]);
    const [bad = ''] = await world.list('bad');
    expect(await world.read('bad', bad)).toBe('a,b\n1,2\n');
  });

  it('by prediction are stored, except those of predictions that do not exist', async () => {
    const [prediction] = await world.database.query<{ id: string }>(
      `insert into predictions (model, model_version, source, features, prediction, row_number, row_id)
       values ('parcels', 1, 'api', '{}', '"kept"', 0, '7') returning id::text`,
    );
    await world.put('labels', 'a.csv', `prediction_id,outcome\n${prediction?.id},broken\n999999,kept\n`);
    await build().labels();
    expect(await stored()).toMatchObject([{ id: '7', value: 'broken' }]);
    const [reasons = ''] = await world.list('bad');
    expect(await world.read('bad', reasons)).toBe(
      'prediction_id,value,violations\n999999,"kept",there is no such prediction\n',
    );
  });

  it('are stored once though the attempt ends between the database and bad-data', async () => {
    await world.put('labels', 'a.csv', 'id,outcome\n1,kept\n2,lost\n');
    const dying = build((task) =>
      task.name === 'store-labels'
        ? {
            ...task,
            run: (context) =>
              task.run({
                ...context,
                file: () => Promise.reject(new Error('on purpose')),
              } as Parameters<Task['run']>[0]),
          }
        : task,
    );
    expect(await dying.labels()).toMatchObject({ state: 'failed' });
    expect(await world.list('labels')).toEqual(['a.csv']);
    expect(await build().labels()).toMatchObject({ state: 'succeeded' });
    expect(await stored()).toMatchObject([{ id: '1', value: 'kept' }]);
    expect(await world.list('bad')).toHaveLength(1);
    expect(await world.list('labels')).toEqual([]);
  });
});

describe('files of rows', () => {
  it('give the labels that they carry, of good rows only', async () => {
    await world.put('raw', 'a.csv', 'id,weight,fragile,outcome\n1,2,,kept\n2,3,true,\n3,99,,broken\n');
    expect(await build().ingest()).toMatchObject({ state: 'succeeded', tasks: { 'save-labels': 'succeeded' } });
    expect(await stored()).toEqual([{ id: '1', value: 'kept', source: 'ingest' }]);
  });

  it('without a label column give none', async () => {
    await world.put('raw', 'a.csv', 'id,weight,fragile\n1,2,\n');
    expect(await build().ingest()).toMatchObject({ state: 'succeeded', tasks: { 'save-labels': 'succeeded' } });
    expect(await stored()).toEqual([]);
  });
});
