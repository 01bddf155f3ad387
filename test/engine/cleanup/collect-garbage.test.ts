import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, type Task, value } from '#engine';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from '../fixtures/workbench.ts';
import { blobsOf, collectOn, itemsOf } from './collecting.ts';

let bench: Workbench;
let engine: TestEngine;
beforeEach(async () => {
  bench = await createWorkbench();
  engine = createTestEngine(bench, { executor: inlineOn(bench) });
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

const text = (letter: string) => fixtures.makeText.goal({ letter, length: 6_000 });
const newGoals = ['a', 'b', 'c'].map(text);

/** As if its results had been made by other code: a run makes them again, under another key. */
const makeOld = () => bench.database.query(`update manifests set key = 'old ' || version`);

describe('a collection', () => {
  it('removes nothing that a result names', async () => {
    await engine.run(newGoals);
    const before = await blobsOf(bench);
    const { removed } = await collectOn(bench);
    expect(removed).toMatchObject({ version: { count: 0 }, blob: { count: 0 } });
    expect(await blobsOf(bench)).toEqual(before);
    expect(before).not.toEqual([]);
  });

  it('removes blobs that nothing names, and records each', async () => {
    await engine.run([text('a')]);
    const named = await blobsOf(bench);
    const { digest, sizeBytes } = await bench.artifacts.put(Buffer.from('nobody needs this'));
    const report = await collectOn(bench);
    expect(report.removed.blob).toEqual({ count: 1, sizeBytes });
    expect(await blobsOf(bench)).toEqual(named);
    expect(await itemsOf(bench, report.id)).toEqual([
      expect.objectContaining({ kind: 'blob', name: digest, state: 'removed', reason: 'no result names it' }),
    ]);
  });

  it('leaves what was stored within the grace', async () => {
    await bench.artifacts.put(Buffer.from('not named yet'));
    const { planned } = await collectOn(bench, { graceMs: 3_600_000 });
    expect(planned.blob.count).toBe(0);
  });

  it('leaves what an attempt in flight may have stored, however old', async () => {
    await bench.artifacts.put(Buffer.from('stored by an attempt that has not ended'));
    await bench.database.query(
      `insert into claims (key, token, owner, expires_at, claimed_at)
       values ('k', 1, 'somebody', clock_timestamp() + interval '1 hour', clock_timestamp() - interval '2 hours')`,
    );
    expect((await collectOn(bench)).planned.blob.count).toBe(0);
    await bench.database.query('delete from claims');
    expect((await collectOn(bench)).removed.blob.count).toBe(1);
  });

  it('plans in a dry run exactly what it then removes', async () => {
    await engine.run(newGoals);
    await makeOld();
    await engine.run(newGoals);
    await bench.artifacts.put(Buffer.from('nobody needs this'));
    const before = await blobsOf(bench);
    const dry = await collectOn(bench, { isDryRun: true });
    expect(await blobsOf(bench)).toEqual(before);
    expect(dry).toMatchObject({ isDryRun: true, planned: { version: { count: 3 }, blob: { count: 1 } } });
    expect(dry.removed.blob.count + dry.removed.version.count).toBe(0);
    const real = await collectOn(bench);
    expect(real.removed).toEqual(dry.planned);
    const strip = (items: Awaited<ReturnType<typeof itemsOf>>) => items.map(({ state: _, ...item }) => item);
    expect(strip(await itemsOf(bench, real.id))).toEqual(strip(await itemsOf(bench, dry.id)));
  });

  it('executes the plan of an earlier dry run, and spares what has changed since', async () => {
    await engine.run([text('a')]);
    await makeOld();
    await engine.run([text('a')]);
    const again = await bench.artifacts.put(Buffer.from('stored again later'));
    await bench.artifacts.put(Buffer.from('nobody needs this'));
    const dry = await collectOn(bench, { isDryRun: true, effects: {} });
    expect(dry.planned).toMatchObject({ version: { count: 1 }, blob: { count: 2 } });
    await bench.artifacts.put(Buffer.from('stored again later'));
    const real = await collectOn(bench, { plan: dry.id });
    expect(real.id).toBe(dry.id);
    expect(real.kept.blob.count).toBe(1);
    expect(real.removed).toMatchObject({ version: { count: 1 }, blob: { count: 1 } });
    expect(await bench.artifacts.stat(again.digest)).toBeDefined();
    await expect(collectOn(bench, { plan: dry.id })).rejects.toThrow(`There is no plan ${dry.id} of a dry run`);
  });

  it('removes a version first, so that its goal is incomplete, then the bytes it named', async () => {
    await engine.run([text('a')]);
    const { removed } = await collectOn(bench, { unusedDaysMax: 0 });
    expect(removed).toMatchObject({ version: { count: 1 }, blob: { count: 2 } });
    expect(await blobsOf(bench)).toEqual([]);
    expect(await engine.run([text('a')])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'make-text': 'succeeded' });
    expect(await blobsOf(bench)).toHaveLength(2);
  });

  it('keeps a superseded version while runs use it, and its bytes while another names them', async () => {
    await engine.run([text('a')]);
    await makeOld();
    await engine.run([text('a')]);
    const days = 10;
    expect((await collectOn(bench, { supersededDaysMax: days })).planned.version.count).toBe(0);
    await bench.database.query(
      `update runs set created_at = created_at - interval '11 days', ended_at = ended_at - interval '11 days'`,
    );
    await bench.database.query(`update manifests set created_at = created_at - interval '11 days'`);
    const { removed } = await collectOn(bench, { supersededDaysMax: days });
    expect(removed).toMatchObject({ version: { count: 1 }, blob: { count: 0 } });
    expect(await blobsOf(bench)).toHaveLength(2);
  });

  it('keeps what a root provider names, asked again right before', async () => {
    await bench.artifacts.put(Buffer.from('of a model'));
    const [digest = ''] = await blobsOf(bench);
    const roots = [{ name: 'the models', keeps: async (_: unknown, digests: readonly string[]) => digests }];
    expect((await collectOn(bench, { roots })).planned.blob.count).toBe(0);
    const dry = await collectOn(bench, { isDryRun: true });
    const real = await collectOn(bench, { roots, plan: dry.id });
    expect(real.removed.blob.count).toBe(0);
    expect(await itemsOf(bench, real.id)).toMatchObject([
      { name: digest, state: 'kept', keptBecause: 'the models needs it' },
    ]);
  });

  it('keeps the results of goals that a live run asks for, also when it started after the plan', async () => {
    await engine.run([text('a'), text('b')]);
    const dry = await collectOn(bench, { isDryRun: true, unusedDaysMax: 0 });
    expect(dry.planned.version.count).toBe(2);
    const runId = await engine.start([text('a'), fixtures.hang.goal({ note: 'live', started: '' })]);
    const real = await collectOn(bench, { plan: dry.id });
    expect(real).toMatchObject({
      removed: { version: { count: 1 }, blob: { count: 2 } },
      kept: { version: { count: 1 }, blob: { count: 2 } },
    });
    expect((await collectOn(bench, { unusedDaysMax: 0 })).planned.version.count).toBe(0);
    await engine.engine.cancel(runId, 'the test is over');
  });

  it('removes results of stale goals, unless they are stale no longer', async () => {
    await engine.run([text('a'), text('b')]);
    const mark = `insert into stale_goals (goal, task, params, reason, source, partition, since)
      select goal, task, params, 'its partition is gone', 's', 'p', clock_timestamp() - interval '1 hour' from manifests`;
    await bench.database.query(mark);
    expect((await collectOn(bench, { graceMs: 2 * 3_600_000 })).planned.version.count).toBe(0);
    const dry = await collectOn(bench, { isDryRun: true });
    expect((await itemsOf(bench, dry.id)).filter(({ kind }) => kind === 'version')).toMatchObject([
      { reason: 'its goal is stale: its partition is gone' },
      { reason: 'its goal is stale: its partition is gone' },
    ]);
    await bench.database.query(`delete from stale_goals where params ->> 'letter' = 'a'`);
    const real = await collectOn(bench, { plan: dry.id });
    expect(real).toMatchObject({
      removed: { version: { count: 1 } },
      kept: { version: { count: 1 }, blob: { count: 2 } },
    });
    expect(await engine.run([text('a')])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'make-text': 'cached' });
  });

  it('reports its progress', async () => {
    for (let n = 0; n < 250; n++) await bench.artifacts.put(Buffer.from(`nobody needs ${n}`));
    const seen: string[] = [];
    await collectOn(bench, {
      onProgress: ({ phase, count, countMax }) => seen.push(`${phase} ${count} of ${countMax}`),
    });
    expect(seen).toEqual([
      'planning 0 of undefined',
      'listing 250 of undefined',
      ...['removing 100 of 250', 'removing 200 of 250', 'removing 250 of 250'],
    ]);
  });
});

describe('the retention of a task', () => {
  const kept = (retention: NonNullable<Task['retention']>) =>
    defineTask({
      name: 'make-text',
      version: '1',
      params: z.object({ letter: z.string(), length: z.number() }),
      outputs: { text: value<string>() },
      retention,
      run: async () => ({ text: '' }),
    });

  it('keeps so many versions of each goal', async () => {
    for (let times = 0; times < 4; times++) {
      await engine.run([text('a'), text('b')]);
      await makeOld();
    }
    const options = { supersededDaysMax: 365, tasks: [kept({ versionsMax: 2 })] };
    expect((await collectOn(bench, options)).removed).toMatchObject({ version: { count: 4 }, blob: { count: 0 } });
    const left = await bench.database.query('select goal, count(*)::integer as count from manifests group by goal');
    expect(left.map(({ count }) => count)).toEqual([2, 2]);
  });

  it('keeps results so many days, also the newest and those in use', async () => {
    await engine.run([text('a')]);
    const options = { tasks: [kept({ ageDaysMax: 1 })] };
    expect((await collectOn(bench, options)).planned.version.count).toBe(0);
    await bench.database.query(`update manifests set created_at = created_at - interval '2 days'`);
    expect((await collectOn(bench, options)).removed).toMatchObject({ version: { count: 1 }, blob: { count: 2 } });
  });

  it('says nothing of other tasks', async () => {
    await engine.run([fixtures.add.goal({ a: 1, b: 2 })]);
    expect((await collectOn(bench, { tasks: [kept({ ageDaysMax: 0 })] })).planned.version.count).toBe(0);
  });
});
