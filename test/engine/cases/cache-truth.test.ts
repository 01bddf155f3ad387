import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AnyTask,
  blob,
  createEngine,
  defineTask,
  type Executor,
  inlineExecutor,
  listIncidents,
  value,
  verifyTask,
} from '#engine';
import { DAMAGES, damageBlob } from '../fixtures/damage.ts';
import * as fixtures from '../fixtures/tasks.ts';
import {
  createTestEngine,
  createWorkbench,
  inlineOn,
  processOn,
  type TestEngine,
  type Workbench,
} from '../fixtures/workbench.ts';

let bench: Workbench;
let engines: TestEngine[];
beforeEach(async () => {
  bench = await createWorkbench();
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  await bench.close();
});

/** A process that has verified nothing yet, as far as executors are concerned. */
function engineOn(executorOn: (bench: Workbench) => Executor): TestEngine {
  const engine = createTestEngine(bench, { executor: executorOn(bench) });
  engines.push(engine);
  return engine;
}

const made = { letter: 'a', length: 6_000 };

async function digestOf(output: string): Promise<string> {
  const [row] = await bench.database.query<{ digest: string }>(
    `select outputs -> $1 ->> 'digest' as digest from manifests where task = 'make-text'`,
    [output],
  );
  return row?.digest ?? '';
}

describe('stored bytes that are not what they were', () => {
  const everyWay = DAMAGES.flatMap((damage) =>
    (['bytes', 'text'] as const).map((output) => [damage, output, 'inline', inlineOn] as const),
  );

  it.each([...everyWay, ['one bit flipped', 'bytes', 'process', processOn] as const])(
    '22. %s: the output %s is noticed where it is used (%s), made again in the same run, and on record',
    async (damage, output, _, on) => {
      expect(await engineOn(on).run([fixtures.measureText.goal(made)])).toBe('succeeded');
      const digest = await digestOf(output);
      await damageBlob(bench.artifacts, digest, damage);
      // Whoever reads it is to be made again, and so has to read it.
      await bench.database.query(`delete from manifests where task = 'measure-text'`);
      const engine = engineOn(on);
      expect(await engine.run([fixtures.measureText.goal(made)])).toBe('succeeded');
      expect(await engine.states()).toEqual({ 'make-text': 'succeeded', 'measure-text': 'succeeded' });
      const [measured] = await bench.database.query<{ lengths: unknown }>(
        `select outputs -> 'lengths' -> 'value' as lengths from manifests where task = 'measure-text'`,
      );
      expect(measured?.lengths).toEqual([6_000, 6_000, 6_000]);
      expect(await bench.artifacts.stat(digest)).toMatchObject({ digest });
      const incidents = await listIncidents(bench.database);
      expect(incidents).toMatchObject([{ kind: damage === 'deleted' ? 'missing' : 'damaged', digest }]);
      expect(incidents[0]?.goals[0]).toContain('make-text');
    },
  );
});

describe('a task that is not deterministic', () => {
  let calls: number;
  const dice = (isFair: boolean) =>
    defineTask({
      name: 'throw-dice',
      version: '1',
      params: z.object({ die: z.number() }),
      outputs: { face: value<number>(), photo: blob() },
      run: async ({ params, blob: put, need }) => {
        calls++;
        const { sum } = await need(fixtures.add.goal({ a: params.die, b: 1 }));
        return {
          face: isFair && params.die % 2 === 0 ? calls : sum,
          photo: await put(Buffer.from(`die ${params.die}`)),
        };
      },
    });

  async function throwAll(isFair: boolean): Promise<readonly AnyTask[]> {
    calls = 0;
    const task = dice(isFair);
    const tasks = [task, fixtures.add];
    const goals = Array.from({ length: 6 }, (_, die) => task.goal({ die: die + 1 }));
    const { database, artifacts, folder } = bench;
    const executor = inlineExecutor({ tasks, database, artifacts, slots: 2, folder: `${folder}/attempts` });
    const asked = {
      name: 'asked',
      description: 'asks',
      plan: async () => ({ kind: 'run', goals, params: {} }) as const,
    };
    const engine = createEngine({ database, artifacts, tasks, executor, pipelines: [asked] });
    const { runId } = await engine.start({ pipeline: 'asked', trigger: 'manual' });
    expect(await engine.finished(runId)).toBe('succeeded');
    await engine.close();
    return tasks;
  }

  const countOf = async (table: string) => (await bench.database.query(`select 1 from ${table}`)).length;

  it('24. is found by running a sample again: what differs is reported with both digests, and nothing is kept of it', async () => {
    const tasks = await throwAll(true);
    const before = [await countOf('manifests'), await countOf('attempts'), await countOf('task_runs')];
    const report = await verifyTask({ ...bench, tasks, task: 'throw-dice', sample: 6 });
    expect(report).toMatchObject({ equal: 3, failed: [] });
    expect(report.differing.map(({ goal, output }) => [goal.params.die, output]).sort()).toEqual([
      [2, 'face'],
      [4, 'face'],
      [6, 'face'],
    ]);
    for (const { stored, computed } of report.differing) expect(stored).not.toBe(computed);
    expect([await countOf('manifests'), await countOf('attempts'), await countOf('task_runs')]).toEqual(before);
  });

  it('24. one that is deterministic gives the same digests again', async () => {
    const tasks = await throwAll(false);
    expect(await verifyTask({ ...bench, tasks, task: 'throw-dice', sample: 4 })).toEqual({
      ...{ equal: 4, differing: [], failed: [] },
    });
    expect(calls).toBe(10);
  });

  it('24. files and rows are made again without being placed or kept', async () => {
    const goals = [
      fixtures.placeFile.goal({ path: `${bench.folder}/placed.txt`, text: 'whole' }),
      fixtures.writeRows.goal({ owner: 'verified', count: 5, isBroken: false }),
      fixtures.measureText.goal(made),
    ];
    expect(await engineOn(inlineOn).run(goals)).toBe('succeeded');
    await bench.database.query('delete from owned_rows');
    for (const task of ['place-file', 'write-rows', 'measure-text']) {
      const { tasks } = fixtures;
      expect(await verifyTask({ ...bench, tasks, task })).toEqual({ equal: 1, differing: [], failed: [] });
    }
    expect(await countOf('owned_rows')).toBe(0);
    expect((await readdir(bench.folder)).sort()).toEqual(['artifacts', 'attempts', 'placed.txt']);
  });

  it('24. what cannot be run again is reported with its reason', async () => {
    expect(await engineOn(inlineOn).run([fixtures.measureText.goal(made)])).toBe('succeeded');
    await bench.database.query(`delete from manifests where task = 'make-text'`);
    const { failed } = await verifyTask({ ...bench, tasks: fixtures.tasks, task: 'measure-text' });
    expect(failed).toMatchObject([{ reason: 'what it read of make-text is no longer on record' }]);
  });
});
