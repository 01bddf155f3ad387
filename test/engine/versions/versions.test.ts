import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AnyTask, listVersionPins, openVersions, pinRun, pinVersion, unpin, type Versions } from '#engine';
import { collectOn } from '../cleanup/collecting.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
let engine: TestEngine;
let versions: Versions;
beforeEach(async () => {
  bench = await createWorkbench();
  engine = createTestEngine(bench, { executor: inlineOn(bench) });
  versions = openVersions({ ...bench, tasks: fixtures.tasks as readonly AnyTask[] });
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

const sum = fixtures.add.goal({ a: 1, b: 2 });
const text = fixtures.makeText.goal({ letter: 'a', length: 6_000 });
/** As if its results had been made by other code: a run makes them again, under another key. */
const makeOld = () => bench.database.query(`update manifests set key = 'old ' || version where key not like 'old %'`);
const newest = async (goal: typeof sum | typeof text) => (await versions.list(goal))[0]?.version ?? '';

async function runAndAge(goals: Parameters<TestEngine['run']>[0]): Promise<string> {
  const runId = await engine.start(goals);
  await engine.engine.finished(runId);
  await makeOld();
  return runId;
}

const timeOf = async (runId: string): Promise<Date> => {
  const [run] = await bench.database.query<{ at: Date }>('select ended_at as at from runs where id = $1', [runId]);
  // What the client rounds down to milliseconds would be before the end.
  return new Date(Number(run?.at) + 1);
};

describe('the versions of a goal', () => {
  it('are one for each commit, newest first, and never change', async () => {
    await runAndAge([sum]);
    const [first] = await versions.list(sum);
    await runAndAge([sum]);
    const listed = await versions.list(sum);
    expect(listed).toHaveLength(2);
    expect(listed[1]).toMatchObject({
      version: first?.version,
      committedAt: first?.committedAt,
      digests: first?.digests,
    });
    expect(Number(listed[0]?.version)).toBeGreaterThan(Number(listed[1]?.version));
    expect(listed[0]).toMatchObject({
      goal: { task: 'add', params: { a: 1, b: 2 } },
      isPinned: false,
      acceptedFrom: null,
    });
    expect(await versions.list(sum, { before: listed[0]?.version ?? '', limit: 1 })).toEqual([listed[1]]);
  });

  it('are read by number, typed like the outputs of the task', async () => {
    await runAndAge([sum, text]);
    const read = await versions.readAsOf(sum, { version: await newest(sum) });
    const total: number = read.outputs.sum;
    expect(total).toBe(3);
    const { outputs } = await versions.readAsOf(text, { version: await newest(text) });
    expect(outputs.text).toHaveLength(6_000);
    expect((await outputs.bytes.bytes()).toString()).toBe(outputs.text);
  });

  it('are found by a run, whether it made them or found them', async () => {
    const made = await runAndAge([sum]);
    const [first] = await versions.list(sum);
    await bench.database.query(`update manifests set key = substr(key, 1, 0) || 'k'`);
    const remade = await runAndAge([sum]);
    await bench.database.query(
      `update manifests set key = (select key from task_runs where run_id = $1) where version = $2`,
      [made, first?.version],
    );
    const found = await engine.start([sum]);
    await engine.engine.finished(found);
    expect(await engine.states()).toEqual({ add: 'cached' });
    const asOf = async (runId: string) => (await versions.resolve(sum, { runId })).version;
    expect(await asOf(made)).toBe(first?.version);
    expect(await asOf(remade)).toBe(await newest(sum));
    expect(await asOf(found)).toBe(first?.version);
  });

  it('are found at a time: that of the last run that had ended by then', async () => {
    const before = new Date(0);
    const first = await runAndAge([sum]);
    await bench.database.query(`update runs set ended_at = ended_at - interval '1 hour' where id = $1`, [first]);
    const second = await runAndAge([sum]);
    const asOf = async (time: Date) => (await versions.resolve(sum, { time })).runId;
    expect(await asOf(await timeOf(first))).toBe(first);
    expect(await asOf(new Date(Number(await timeOf(second)) - 60_000))).toBe(first);
    expect(await asOf(await timeOf(second))).toBe(second);
    await expect(asOf(before)).rejects.toThrow('No run on record that had ended by 1970-01-01T00:00:00.000Z');
    await expect(asOf(new Date(Date.now() + 3_600_000))).rejects.toThrow("is in the future of the database's clock");
  });

  it('says what is wrong with a question it cannot answer', async () => {
    const runId = await runAndAge([sum, fixtures.skip.goal({ reason: 'not today' })]);
    const of = await newest(sum);
    await expect(versions.readAsOf(text, { version: of })).rejects.toThrow(
      `Version ${of} is one of add(a=1, b=2), not of make-text`,
    );
    await expect(versions.readAsOf(text, { runId })).rejects.toThrow(
      `Run ${runId} is not on record with the goal make-text`,
    );
    await expect(versions.readAsOf(fixtures.skip.goal({ reason: 'not today' }), { runId })).rejects.toThrow(
      `In run ${runId}, skip(reason="not today") is skipped`,
    );
    await expect(versions.readAsOf(sum, { version: '999999' })).rejects.toThrow('There is no version 999999.');
    await expect(versions.readAsOf(sum, { version: 'first' })).rejects.toThrow('got "first"');
  });

  it('says when and why one was removed', async () => {
    await runAndAge([sum]);
    const version = await newest(sum);
    await runAndAge([sum]);
    await collectOn(bench);
    await expect(versions.readAsOf(sum, { version })).rejects.toThrow(
      new RegExp(`Version ${version} was removed on .* by a collection of a test: a newer version replaced it`),
    );
  });

  it('do not pretend that a file that was replaced is still there', async () => {
    const to = path.join(bench.folder, 'placed.txt');
    const goal = fixtures.placeFile.goal({ path: to, text: 'first' });
    await engine.run([goal]);
    const [version] = await versions.list(goal);
    expect((await versions.readAsOf(goal, { version: version?.version ?? '' })).outputs.placed.path).toBe(to);
    await writeFile(to, 'second');
    await expect(versions.readAsOf(goal, { version: version?.version ?? '' })).rejects.toThrow(
      /Output placed of version .* can no longer be read: a newer version replaced it/,
    );
  });
});

describe('a pin', () => {
  const by = { actor: 'ann', reason: 'the report of May was made from it' };

  it('keeps a version and its bytes from every rule, until it is taken back', async () => {
    await runAndAge([text]);
    const version = await newest(text);
    const id = await pinVersion(bench.database, version, by);
    expect(await versions.list(text)).toMatchObject([{ version, isPinned: true }]);
    expect((await collectOn(bench, { unusedDaysMax: 0 })).planned.version.count).toBe(0);
    expect((await versions.readAsOf(text, { version })).outputs.text).toHaveLength(6_000);
    await unpin(bench.database, id, { actor: 'bob' });
    expect((await collectOn(bench, { unusedDaysMax: 0 })).removed).toMatchObject({
      version: { count: 1 },
      blob: { count: 2 },
    });
  });

  it('keeps what the version was made from', async () => {
    const measured = fixtures.measureText.goal({ letter: 'a', length: 6_000 });
    const needed = fixtures.addAtRuntime.goal({ upTo: 2 });
    await engine.run([measured, needed]);
    for (const goal of [measured, needed])
      await pinVersion(bench.database, (await versions.list(goal))[0]?.version ?? '', by);
    await collectOn(bench, { unusedDaysMax: 0 });
    const left = await bench.database.query<{ task: string }>('select task from manifests order by task');
    expect(left.map(({ task }) => task)).toEqual(['add', 'add', 'add-at-runtime', 'make-text', 'measure-text']);
  });

  it('of a run keeps all that the run made or found', async () => {
    const runId = await runAndAge([sum, text]);
    await pinRun(bench.database, runId, by);
    await runAndAge([sum, text]);
    await collectOn(bench, { unusedDaysMax: 0 });
    expect((await versions.readAsOf(sum, { runId })).outputs.sum).toBe(3);
    expect((await versions.readAsOf(text, { runId })).outputs.text).toHaveLength(6_000);
    expect(await versions.list(sum)).toHaveLength(1);
    await expect(pinRun(bench.database, String(Number(runId) + 1), by)).rejects.toThrow(
      'cannot be pinned: 2 of the versions',
    );
  });

  it('set after the plan is seen before anything is removed', async () => {
    await runAndAge([text]);
    const dry = await collectOn(bench, { isDryRun: true, unusedDaysMax: 0 });
    await pinVersion(bench.database, await newest(text), by);
    const { removed, kept } = await collectOn(bench, { plan: dry.id });
    expect(removed).toMatchObject({ version: { count: 0 }, blob: { count: 0 } });
    expect(kept).toMatchObject({ version: { count: 1 }, blob: { count: 2 } });
  });

  it('is on record, also after it was taken back', async () => {
    await runAndAge([sum]);
    const version = await newest(sum);
    const id = await pinVersion(bench.database, version, by);
    expect(await listVersionPins(bench.database)).toMatchObject([{ id, version, ...by, unpinnedAt: null }]);
    await unpin(bench.database, id, { actor: 'bob' });
    expect(await listVersionPins(bench.database)).toEqual([]);
    expect(await listVersionPins(bench.database, { withWithdrawn: true })).toMatchObject([
      { id, ...by, unpinnedBy: 'bob' },
    ]);
    await expect(unpin(bench.database, id, { actor: 'bob' })).rejects.toThrow('was withdrawn before');
    await expect(pinVersion(bench.database, '999999', by)).rejects.toThrow('There is no version 999999.');
  });
});
