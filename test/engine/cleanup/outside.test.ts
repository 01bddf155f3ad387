import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CollectOptions, defineTask, type Goal, inlineExecutor, rows, type Sink, sqlSink } from '#engine';
import type { Queryable } from '#store';
import { emptyTables } from '../../postgres/empty-tables.ts';
import { placeFile, writeRows } from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';
import { collectOn, itemsOf } from './collecting.ts';

let bench: Workbench;
let engine: TestEngine;
let sinks: readonly Sink[];
let failing = false;

const params = z.object({ owner: z.string(), count: z.number() });
async function write(tx: Queryable, { owner, count }: z.infer<typeof params>): Promise<number> {
  await tx.query('delete from owned_rows where owner = $1', [owner]);
  await tx.query('insert into owned_rows select $1, generate_series(1, $2)', [owner, count]);
  return count;
}
async function remove(tx: Queryable, goal: { readonly params: { readonly owner?: unknown } }): Promise<void> {
  if (failing) throw new Error('the warehouse is closed');
  await tx.query('delete from owned_rows where owner = $1', [goal.params.owner]);
}
const ownRows = defineTask({
  ...{ name: 'own-rows', version: '1', params, outputs: { written: rows({ remove }) } },
  run: async (context) => ({ written: await context.rows('written', (tx) => write(tx, context.params)) }),
});
const keptRows = defineTask({
  ...{ name: 'kept-rows', version: '1', params, outputs: { written: rows({ remove: 'keep' }) } },
  run: async (context) => ({ written: await context.rows('written', (tx) => write(tx, context.params)) }),
});
const warehouseRows = defineTask({
  ...{ name: 'warehouse-rows', version: '1', params, outputs: { written: rows({ sink: 'warehouse', remove }) } },
  run: async (context) => ({ written: await context.rows('written', (tx: Queryable) => write(tx, context.params)) }),
});
const tasks = [placeFile, writeRows, ownRows, keptRows, warehouseRows];

beforeAll(async () => {
  bench = await createWorkbench();
  sinks = [sqlSink({ name: 'warehouse', database: bench.database, schema: 'warehouse' }) as Sink];
  const { database, artifacts, folder } = bench;
  const attempts = path.join(folder, 'attempts');
  engine = createTestEngine(bench, {
    ...{ tasks, sinks },
    executor: inlineExecutor({ tasks, database, artifacts, sinks, slots: 4, folder: attempts }),
  });
});
beforeEach(async () => {
  failing = false;
  await emptyTables(bench.database);
  for (const name of await readdir(bench.folder))
    if (!['artifacts', 'attempts'].includes(name)) await rm(at(name), { recursive: true });
});
afterAll(async () => {
  await engine.close();
  await bench.close();
});

const collect = (options: Partial<CollectOptions> = {}) => collectOn(bench, { tasks, sinks, ...options });
const placeAt = (name: string, text = name) => placeFile.goal({ path: path.join(bench.folder, name), text });
const at = (name: string): string => path.join(bench.folder, name);
const textAt = (name: string): Promise<string | undefined> => readFile(at(name), 'utf8').catch(() => undefined);
const ownersOfRows = async (): Promise<readonly string[]> =>
  (await bench.database.query<{ owner: string }>('select distinct owner from owned_rows order by owner')).map(
    ({ owner }) => owner,
  );
const markedCount = async (): Promise<number> =>
  Number((await bench.database.query<{ count: string }>('select count(*) from sink_markers'))[0]?.count);
const versionCount = async (): Promise<number> =>
  Number((await bench.database.query<{ count: string }>('select count(*) from manifests'))[0]?.count);

/** As if a partition that the goals were made from had been removed. */
async function makeStale(...goals: readonly Goal[]): Promise<void> {
  for (const { task, params: given } of goals)
    await bench.database.query(
      `insert into stale_goals (goal, task, params, reason, source, partition, since)
       select goal, task, params, 'its partition was removed', 's', 'p', clock_timestamp() - interval '1 hour'
       from manifests where task = $1 and params @> $2 limit 1`,
      [task, JSON.stringify(given)],
    );
}

const told = async (id: string) =>
  (await itemsOf(bench, id)).map(({ kind, name, state, keptBecause }) => ({
    kind,
    name: path.basename(name),
    state,
    keptBecause,
  }));

describe('a file that a removed result placed', () => {
  it('goes with it, as the dry run said, and is on record', async () => {
    await engine.run([placeAt('a.txt'), placeAt('b.txt')]);
    await makeStale(placeAt('a.txt'));
    const dry = await collect({ isDryRun: true });
    expect(await textAt('a.txt')).toBe('a.txt');
    const real = await collect();
    expect([await textAt('a.txt'), await textAt('b.txt'), await versionCount()]).toEqual([undefined, 'b.txt', 1]);
    expect(real.removed).toEqual(dry.planned);
    expect(real.removed['placed-file']).toEqual({ count: 1, sizeBytes: 5 });
    expect(await itemsOf(bench, real.id)).toContainEqual({
      ...{ kind: 'placed-file', name: at('a.txt'), version: null, sizeBytes: 5, state: 'removed', keptBecause: null },
      reason: `its result goes: place-file${JSON.stringify(placeAt('a.txt').params)
        .replaceAll(/([:,])/g, '$1 ')
        .replace(': //', '://')}`,
    });
  });

  it.each<[string, () => Promise<unknown>, string | undefined]>([
    ['has other content', () => writeFile(at('a.txt'), 'A.txt'), 'A.txt'],
    ['is longer', () => writeFile(at('a.txt'), 'a.txt and more'), 'a.txt and more'],
    ['was written again, alike', () => utimes(at('a.txt'), new Date(), new Date(Date.now() + 3_600_000)), 'a.txt'],
    [
      'is a link to it now',
      () => rename(at('a.txt'), at('moved.txt')).then(() => symlink(at('moved.txt'), at('a.txt'))),
      'a.txt',
    ],
    ['is a folder now', () => rm(at('a.txt')).then(() => mkdir(at('a.txt'))), undefined],
    ['is gone', () => rm(at('a.txt')), undefined],
  ])('is left alone when it %s, and the dry run says so too', async (_, change, text) => {
    await engine.run([placeAt('a.txt')]);
    await makeStale(placeAt('a.txt'));
    await change();
    const dry = await told((await collect({ isDryRun: true })).id);
    const real = await collect();
    expect(await textAt('a.txt')).toBe(text);
    expect(await versionCount()).toBe(0);
    expect(real.kept['placed-file'].count).toBe(1);
    const kept = { kind: 'placed-file', name: 'a.txt', state: 'kept', keptBecause: expect.any(String) };
    expect(dry).toContainEqual(kept);
    expect(await told(real.id)).toContainEqual(kept);
  });

  it('is left alone when it changes after the plan', async () => {
    await engine.run([placeAt('a.txt')]);
    await makeStale(placeAt('a.txt'));
    const { id } = await collect({ isDryRun: true });
    await writeFile(at('a.txt'), 'mine');
    const { kept } = await collect({ plan: id });
    expect([kept['placed-file'].count, await textAt('a.txt')]).toEqual([1, 'mine']);
  });

  it('stays while another result names it, of the same goal or of another', async () => {
    await engine.run([placeAt('a.txt', 'first'), placeAt('b.txt')]);
    await engine.run([placeAt('a.txt', 'second')]);
    await bench.database.query(`update manifests set key = 'old' where params ->> 'text' = 'b.txt'`);
    await engine.run([placeAt('b.txt')]);
    await makeStale(placeAt('a.txt', 'first'));
    const { removed, kept } = await collect();
    expect([removed.version.count, removed['placed-file'].count, kept['placed-file'].count]).toEqual([2, 0, 0]);
    expect([await textAt('a.txt'), await textAt('b.txt')]).toEqual(['second', 'b.txt']);
  });

  it('stays when a result has come to name it since the plan', async () => {
    await engine.run([placeAt('a.txt')]);
    await makeStale(placeAt('a.txt'));
    const { id } = await collect({ isDryRun: true });
    await bench.database.query(
      `insert into manifests (key, goal, task, params, code, inputs, outputs, token)
       select 'newer', 'another goal', task, params, code, inputs, outputs, token from manifests`,
    );
    const { removed } = await collect({ plan: id });
    expect([removed.version.count, await textAt('a.txt')]).toEqual([1, 'a.txt']);
  });

  it('goes with the last of several results that name it, however they are spread over collections', async () => {
    await engine.run([placeAt('a.txt', 'same')]);
    await bench.database.query(
      `insert into manifests (key, goal, task, params, code, inputs, outputs, token)
       select 'other', 'another goal', task, params || '{"text": "other"}', code, inputs, outputs, token from manifests`,
    );
    await makeStale(placeAt('a.txt', 'other'));
    await collect();
    expect(await textAt('a.txt')).toBe('same');
    await makeStale(placeAt('a.txt', 'same'));
    await collect();
    expect([await textAt('a.txt'), await versionCount()]).toEqual([undefined, 0]);
  });

  it('keeps its result known when it cannot be reached', async () => {
    await mkdir(at('out'));
    await engine.run([placeAt('out/a.txt'), placeAt('b.txt')]);
    await makeStale(placeAt('out/a.txt'), placeAt('b.txt'));
    await rename(at('out'), at('elsewhere'));
    await symlink(at('out'), at('out'));
    const dry = await collect({ isDryRun: true });
    const real = await collect();
    expect(real.removed).toEqual(dry.planned);
    expect([real.kept.version.count, await versionCount(), await textAt('b.txt')]).toEqual([1, 1, undefined]);
    expect(await told(real.id)).toContainEqual(
      expect.objectContaining({ kind: 'version', state: 'kept', keptBecause: expect.stringContaining('ELOOP') }),
    );
    await rm(at('out'));
    await rename(at('elsewhere'), at('out'));
    await collect();
    expect([await textAt('out/a.txt'), await versionCount()]).toEqual([undefined, 0]);
  });

  it('stays with its result when that is only unused: who reads it cannot be seen', async () => {
    await engine.run([
      placeAt('a.txt'),
      keptRows.goal({ owner: 'a', count: 1 }),
      ownRows.goal({ owner: 'b', count: 1 }),
    ]);
    await bench.database.query(
      `update runs set created_at = now() - interval '2 days', ended_at = now() - interval '2 days'`,
    );
    await bench.database.query(`update manifests set created_at = now() - interval '2 days'`);
    const { removed } = await collect({ unusedDaysMax: 1 });
    expect([removed.version.count, await textAt('a.txt'), await ownersOfRows()]).toEqual([1, 'a.txt', ['a', 'b']]);
  });

  it('stays with its result while a run asks for it', async () => {
    await engine.run([placeAt('a.txt')]);
    await makeStale(placeAt('a.txt'));
    const { id } = await collect({ isDryRun: true });
    await bench.database.query(`update runs set state = 'running'`);
    const { removed } = await collect({ plan: id });
    expect([removed.version.count, removed['placed-file'].count, await textAt('a.txt')]).toEqual([0, 0, 'a.txt']);
  });
});

describe.each([
  ["Weir's own database", ownRows],
  ['another sink', warehouseRows],
] as const)('rows of a removed result in %s', (_, task) => {
  const goal = (owner: string, count = 2) => task.goal({ owner, count });

  it('go with it by the word of their task, as the dry run said', async () => {
    await engine.run([goal('a'), goal('b')]);
    await makeStale(goal('a'));
    const dry = await collect({ isDryRun: true });
    expect(await ownersOfRows()).toEqual(['a', 'b']);
    const real = await collect();
    expect(await ownersOfRows()).toEqual(['b']);
    expect(real.removed).toEqual(dry.planned);
    expect(real.removed).toMatchObject({ version: { count: 1 }, rows: { count: 1 } });
    expect(await engine.run([goal('b')]).then(engine.states)).toEqual({ [task.name]: 'cached' });
  });

  it('stay when a newer result of the goal has replaced them', async () => {
    await engine.run([goal('a')]);
    await bench.database.query(`update manifests set key = 'old'`);
    await engine.run([goal('a')]);
    const { removed } = await collect();
    expect([removed.version.count, removed.rows.count, await ownersOfRows()]).toEqual([1, 0, ['a']]);
  });

  it('are written again by a run that comes after', async () => {
    await engine.run([goal('a')]);
    await makeStale(goal('a'));
    await collect();
    await bench.database.query('delete from stale_goals');
    expect(await engine.run([goal('a')])).toBe('succeeded');
    expect(await ownersOfRows()).toEqual(['a']);
  });

  it('are removed by the next collection when they could not be', async () => {
    await engine.run([goal('a')]);
    await makeStale(goal('a'));
    failing = true;
    const first = await collect();
    expect([first.left.rows.count, await ownersOfRows()]).toEqual([1, ['a']]);
    expect(await told(first.id)).toContainEqual(
      expect.objectContaining({ state: 'removing', keptBecause: 'could not be removed: the warehouse is closed' }),
    );
    failing = false;
    const second = await collect();
    expect([second.hasResumed, await ownersOfRows()]).toEqual([true, []]);
    expect(await bench.database.query('select 1 from collections where finished_at is null')).toEqual([]);
  });

  it('stay when somebody wrote there after their result was gone', async () => {
    await engine.run([goal('a')]);
    await makeStale(goal('a'));
    failing = true;
    await collect();
    failing = false;
    await bench.database.query('delete from stale_goals');
    await engine.run([goal('a')]);
    await collect();
    expect(await ownersOfRows()).toEqual(['a']);
    expect(await engine.run([goal('a')]).then(engine.states)).toEqual({ [task.name]: 'cached' });
  });
});

describe('rows of which no task says how they are removed', () => {
  it('keep their result known, and both kinds of collection say why', async () => {
    const goal = writeRows.goal({ owner: 'a', count: 1, isBroken: false });
    await engine.run([goal]);
    await makeStale(goal);
    for (const isDryRun of [true, false]) {
      const { id, planned, kept } = await collect({ isDryRun });
      expect([planned.version.count, kept.version.count]).toEqual([0, 1]);
      const [item] = await told(id);
      expect(item?.keptBecause).toContain('Task write-rows does not say how to remove them');
    }
    expect(await versionCount()).toBe(1);
  });

  it('go their own way when the task says that they do', async () => {
    const goal = keptRows.goal({ owner: 'a', count: 1 });
    await engine.run([goal]);
    await makeStale(goal);
    const { removed } = await collect();
    expect([removed.version.count, removed.rows.count, await ownersOfRows()]).toEqual([1, 0, ['a']]);
  });

  it('leave no marker behind when they outlive their result, and are written again as before', async () => {
    const [gone, kept] = [keptRows.goal({ owner: 'a', count: 1 }), keptRows.goal({ owner: 'b', count: 1 })];
    await engine.run([gone, kept]);
    expect(await markedCount()).toBe(2);
    await makeStale(gone);
    await collect();
    expect([await markedCount(), await ownersOfRows()]).toEqual([1, ['a', 'b']]);
    await bench.database.query('delete from stale_goals');
    expect(await engine.run([kept]).then(engine.states)).toEqual({ [keptRows.name]: 'cached' });
    expect(await engine.run([gone]).then(engine.states)).toEqual({ [keptRows.name]: 'succeeded' });
    expect(await markedCount()).toBe(2);
  });

  it('keep the marker that an attempt wrote and has not committed yet', async () => {
    const goal = keptRows.goal({ owner: 'a', count: 1 });
    await engine.run([goal]);
    await bench.database.query('delete from manifests');
    await collect({ graceMs: 3_600_000 });
    expect(await markedCount()).toBe(1);
    await collect();
    expect(await markedCount()).toBe(0);
  });
});
