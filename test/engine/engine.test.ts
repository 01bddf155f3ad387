import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine, defineTask, listRuns, type Pipeline, RUNS_CHANNEL, value } from '#engine';
import * as fixtures from './fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(() => bench.close());

const engineOn = (options: Partial<Parameters<typeof createTestEngine>[1]> = {}): TestEngine => {
  const engine = createTestEngine(bench, { executor: inlineOn(bench), ...options });
  engines.push(engine);
  return engine;
};

describe('a run', () => {
  it('completes its goals and what they need, once', async () => {
    const engine = engineOn();
    const goal = fixtures.measureText.goal({ letter: 'x', length: 10 });
    expect(await engine.run([goal])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'make-text': 'succeeded', 'measure-text': 'succeeded' });
    expect(await engine.run([goal])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'make-text': 'cached', 'measure-text': 'cached' });
  });

  it('records what happened', async () => {
    const engine = engineOn();
    await engine.run([fixtures.add.goal({ a: 20, b: 22 })]);
    const run = await engine.last();
    expect(run).toMatchObject({
      pipeline: 'asked',
      state: 'succeeded',
      reason: null,
      trigger: 'manual',
      createdAt: expect.any(Date),
      startedAt: expect.any(Date),
      endedAt: expect.any(Date),
      taskRuns: [
        {
          task: 'add',
          params: { a: 20, b: 22 },
          needs: [],
          state: 'succeeded',
          key: expect.stringMatching(/^[0-9a-f]{64}$/),
          attempts: [
            { number: 1, outcome: 'succeeded', error: null, log: 'adding 20 and 22', endedAt: expect.any(Date) },
          ],
        },
      ],
    });
    expect(await bench.database.query('select 1 from claims')).toEqual([]);
  });

  it('tells listeners of every change', async () => {
    const engine = engineOn();
    const heard: string[] = [];
    const stop = await bench.database.listen(RUNS_CHANNEL, (payload) => heard.push(payload));
    const id = await engine.start([fixtures.add.goal({ a: 1, b: 100 })]);
    await engine.engine.finished(id);
    await expect.poll(() => heard.filter((payload) => payload === id).length).toBeGreaterThanOrEqual(4);
    await stop();
  });

  it('goes through a chain in order', async () => {
    const engine = engineOn();
    expect(await engine.run([fixtures.sumUpTo.goal({ n: 30 })])).toBe('succeeded');
    const [row] = await bench.database.query(
      `select outputs->'sum'->'value' as sum from manifests where task = 'sum-up-to' and params = '{"n": 30}'`,
    );
    expect(row).toEqual({ sum: 465 });
  });

  it.each(['fail', 'skip'] as const)('skips what needs a task that ended by %s', async (task) => {
    const engine = engineOn();
    const state = await engine.run([fixtures.afterwards.goal({ task, note: 'why' })]);
    expect(state).toBe(task === 'fail' ? 'failed' : 'skipped');
    expect(await engine.states()).toEqual({ [task]: task === 'fail' ? 'failed' : 'skipped', afterwards: 'skipped' });
    const run = await engine.last();
    expect(run?.reason).toContain('why');
  });

  it('is not failed by a skip beside a success', async () => {
    const engine = engineOn();
    const goals = [fixtures.skip.goal({ reason: 'no' }), fixtures.add.goal({ a: 3, b: 4 })];
    expect(await engine.run(goals)).toBe('succeeded');
  });

  it('tries infrastructure failures again and user failures not', async () => {
    const engine = engineOn({ effects: { after: soon } });
    await engine.run([
      fixtures.fail.goal({ class: 'infrastructure', note: 'r' }),
      fixtures.fail.goal({ class: 'user', note: 'r' }),
    ]);
    const run = await engine.last();
    const attempts = run?.taskRuns.map(({ params, attempts }) => [params.class, attempts.length]);
    expect(attempts).toEqual([
      ['infrastructure', 3],
      ['user', 1],
    ]);
  });

  it('ends an attempt that takes too long', async () => {
    const engine = engineOn();
    expect(await engine.run([fixtures.hangBriefly.goal({ note: 'x' })])).toBe('failed');
    expect((await engine.last())?.reason).toContain('Timed out after 50 ms');
  });

  it('is cancelled while a task runs, and what waits is cancelled with it', async () => {
    const engine = engineOn();
    const id = await engine.start([fixtures.afterwards.goal({ task: 'hang', note: randomUUID() })]);
    await expect.poll(async () => (await engine.states()).hang).toBe('running');
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    expect(await engine.states()).toEqual({ hang: 'cancelled', afterwards: 'cancelled' });
    expect(await engine.last()).toMatchObject({ reason: 'enough' });
  });
});

// Timeouts stay far away, pauses are over at once.
const soon = (delayMs: number, callback: () => void): (() => void) => {
  const timer = delayMs > 10_000 || delayMs === 5_000 ? undefined : setImmediate(callback);
  return () => clearImmediate(timer);
};

describe('completeness', () => {
  it('checks the outputs: a deleted blob is made again, and only it', async () => {
    const engine = engineOn();
    const goal = fixtures.measureText.goal({ letter: 'y', length: 10 });
    await engine.run([goal]);
    const [made] = await bench.database.query<{ digest: string }>(
      `select outputs->'bytes'->>'digest' as digest from manifests where task = 'make-text' and params->>'letter' = 'y'`,
    );
    await bench.artifacts.delete(made?.digest ?? '');
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'make-text': 'succeeded', 'measure-text': 'cached' });
  });

  it('notices a placed file that is gone, cut short, or changed to other bytes of the same size', async () => {
    const engine = engineOn();
    const to = path.join(bench.folder, 'watched.txt');
    const goal = fixtures.placeFile.goal({ path: to, text: 'hello' });
    await engine.run([goal]);
    for (const spoil of [() => rm(to), () => writeFile(to, 'hell'), () => writeFile(to, 'HELLO')]) {
      await spoil();
      await engine.run([goal]);
      expect(await engine.states()).toEqual({ 'place-file': 'succeeded' });
      expect(await readFile(to, 'utf8')).toBe('hello');
      await engine.run([goal]);
      expect(await engine.states()).toEqual({ 'place-file': 'cached' });
    }
  });

  it('asks the marker of rows', async () => {
    const engine = engineOn();
    const goal = fixtures.writeRows.goal({ owner: 'marked', count: 2, isBroken: false });
    await engine.run([goal]);
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'write-rows': 'cached' });
    await bench.database.query('delete from sink_markers');
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'write-rows': 'succeeded' });
    expect(await bench.database.query(`select 1 from owned_rows where owner = 'marked'`)).toHaveLength(2);
  });

  it('re-uses A after A, B, A for pure outputs, and applies it again to outside state', async () => {
    const to = path.join(bench.folder, 'versions.txt');
    const versionOf = (version: string) => ({
      pure: defineTask({
        name: 'pure',
        version,
        params: z.object({}),
        outputs: { version: value<string>() },
        run: async () => ({ version }),
      }),
      placed: { ...fixtures.placeFile, version },
    });
    const runAs = async (version: string) => {
      const { pure, placed } = versionOf(version);
      const tasks = [pure, placed];
      const executor = (await import('#engine')).inlineExecutor({ ...bench, tasks });
      const engine = engineOn({ tasks, executor });
      await engine.run([pure.goal({}), placed.goal({ path: to, text: 'same' })]);
      return engine.states();
    };
    expect(await runAs('A')).toEqual({ pure: 'succeeded', 'place-file': 'succeeded' });
    expect(await runAs('B')).toEqual({ pure: 'succeeded', 'place-file': 'succeeded' });
    await writeFile(to, 'other');
    expect(await runAs('A')).toEqual({ pure: 'cached', 'place-file': 'succeeded' });
  });

  it('stops early when a need, made again, has the same bytes', async () => {
    const engine = engineOn();
    const goal = fixtures.measureText.goal({ letter: 'z', length: 10 });
    await engine.run([goal]);
    await bench.database.query(`delete from manifests where task = 'make-text'`);
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'make-text': 'succeeded', 'measure-text': 'cached' });
  });
});

describe('needs at runtime', () => {
  it('are completed while the attempt waits, even with one slot', async () => {
    const engine = engineOn({ executor: inlineOn(bench, 1) });
    expect(await engine.run([fixtures.addAtRuntime.goal({ upTo: 4 })])).toBe('succeeded');
    const [row] = await bench.database.query(
      `select outputs->'total'->'value' as total, jsonb_array_length(trace) as needs from manifests where task = 'add-at-runtime'`,
    );
    expect(row).toEqual({ total: 10, needs: 4 });
  });

  it('are verified in order before the result is used again', async () => {
    const engine = engineOn();
    const goal = fixtures.addAtRuntime.goal({ upTo: 3 });
    await engine.run([goal]);
    await engine.run([goal]);
    expect((await engine.last())?.taskRuns.map(({ state }) => state)).toEqual(Array(4).fill('cached'));
    await bench.database.query(`update manifests set outputs = '{"sum": {"kind": "value", "digest": "x", "sizeBytes": 1, "value": 7}}'
      where task = 'add' and params = '{"a": 2, "b": 0}'`);
    await engine.run([goal]);
    expect(await engine.states()).toMatchObject({ 'add-at-runtime': 'succeeded' });
    const [row] = await bench.database.query(
      `select outputs->'total'->'value' as total from manifests where task = 'add-at-runtime' and params = '{"upTo": 3}' order by token desc`,
    );
    expect(row).toEqual({ total: 1 + 7 + 3 });
  });

  it.each([
    ['fail', 'failed', 'skipped', 'failed'],
    ['skip', 'skipped', 'skipped', 'was skipped'],
    ['unknown', 'failed', 'failed', 'No task is named "nobody"'],
    ['itself', 'failed', 'failed', 'in a cycle: need-broken(kind="itself") → need-broken(kind="itself")'],
  ] as const)('that end by %s', async (kind, runState, state, reason) => {
    const engine = engineOn();
    expect(await engine.run([fixtures.needBroken.goal({ kind })])).toBe(runState);
    const run = await engine.last();
    const taskRun = run?.taskRuns.find(({ task }) => task === 'need-broken');
    expect(taskRun).toMatchObject({ state, reason: expect.stringContaining(reason) });
  });
});

describe('one goal asked by several', () => {
  it('runs once when two runs of one engine want it', async () => {
    const engine = engineOn();
    const goal = fixtures.makeText.goal({ letter: 'q', length: 6_000 });
    const ids = [await engine.start([goal]), await engine.start([goal]), await engine.start([goal])];
    expect(await Promise.all(ids.map((id) => engine.engine.finished(id)))).toEqual(Array(3).fill('succeeded'));
    const states = await bench.database.query<{ state: string }>(
      'select state from task_runs where run_id = any($1::bigint[]) order by state',
      [ids],
    );
    expect(states.map(({ state }) => state)).toEqual(['cached', 'cached', 'succeeded']);
  });

  it('runs once when two engines want it', async () => {
    const both = [engineOn(), engineOn()];
    const goals = Array.from({ length: 20 }, (_, a) => fixtures.add.goal({ a, b: 5000 }));
    expect(await Promise.all(both.map((engine) => engine.run(goals)))).toEqual(['succeeded', 'succeeded']);
    const [row] = await bench.database.query(
      `select count(*)::integer as tried from attempts a join task_runs t using (run_id, goal) where t.params @> '{"b": 5000}'`,
    );
    expect(row).toEqual({ tried: 20 });
  });
});

describe('a pipeline', () => {
  const pipelineOf = (given: Partial<Pipeline>): Pipeline => ({
    name: 'given',
    description: '',
    plan: async () => ({ kind: 'skip', reason: 'nothing to do', params: { seen: 1 } }),
    ...given,
  });
  const engineWith = (pipeline: Pipeline) => {
    const executor = inlineOn(bench);
    const engine = createEngine({ ...bench, tasks: fixtures.tasks, pipelines: [pipeline], executor });
    return engine;
  };

  it('that has nothing to do makes a skipped run with its reason, and is settled', async () => {
    const settled: unknown[] = [];
    const engine = engineWith(pipelineOf({ settle: async (run) => void settled.push(run) }));
    const started = await engine.start({ pipeline: 'given', trigger: 'manual' });
    expect(started).toEqual({ runId: expect.any(String), state: 'skipped', reason: 'nothing to do' });
    expect(await engine.finished(started.runId)).toBe('skipped');
    expect(settled).toEqual([{ id: started.runId, state: 'skipped', params: { seen: 1 } }]);
    await engine.close();
  });

  it('that cannot plan makes a failed run', async () => {
    const engine = engineWith(pipelineOf({ plan: () => Promise.reject(new Error('folder is gone')) }));
    const started = await engine.start({ pipeline: 'given', trigger: 'manual' });
    expect(started).toMatchObject({ state: 'failed', reason: expect.stringContaining('folder is gone') });
    await engine.close();
  });

  it('that plans an unknown task or wrong params makes a failed run that says so', async () => {
    for (const [goal, message] of [
      [{ task: 'nobody', params: {} }, 'No task is named "nobody"'],
      [{ task: 'add', params: { a: 'x', b: 1 } }, 'Params of task add do not fit'],
    ] as const) {
      const engine = engineWith(pipelineOf({ plan: async () => ({ kind: 'run', goals: [goal], params: {} }) }));
      const started = await engine.start({ pipeline: 'given', trigger: 'manual' });
      expect(started).toMatchObject({ state: 'failed', reason: expect.stringContaining(message) });
      await engine.close();
    }
  });

  it('starts once for one tick', async () => {
    const engine = engineWith(pipelineOf({}));
    const scheduledFor = new Date('2026-01-01T00:00:00Z');
    const starts = [1, 2, 3].map(() => engine.start({ pipeline: 'given', trigger: 'schedule', scheduledFor }));
    expect(new Set((await Promise.all(starts)).map(({ runId }) => runId)).size).toBe(1);
    await engine.close();
  });

  it('is settled again after a settle that failed', async () => {
    let tries = 0;
    const settle = async (): Promise<void> => {
      tries++;
      if (tries === 1) throw new Error('busy');
    };
    const engine = engineWith(pipelineOf({ settle }));
    const { runId } = await engine.start({ pipeline: 'given', trigger: 'manual' });
    await engine.finished(runId);
    expect(tries).toBe(2);
    const [row] = await bench.database.query('select settled_at is not null as done from runs where id = $1', [runId]);
    expect(row).toEqual({ done: true });
    await engine.close();
  });

  it('is refused when nobody knows it', async () => {
    const engine = engineWith(pipelineOf({}));
    await expect(engine.start({ pipeline: 'other', trigger: 'manual' })).rejects.toThrow('There are: given');
    await engine.close();
  });
});

describe('after a crash', () => {
  it('runs that were left continue, and end as if nothing had happened', async () => {
    const first = engineOn();
    const started = path.join(bench.folder, 'started');
    const hang = fixtures.hang.goal({ note: 'crash', started });
    const id = await first.start([fixtures.add.goal({ a: 77, b: 1 }), hang]);
    await expect.poll(() => first.states()).toEqual({ add: 'succeeded', hang: 'running' });
    await first.engine.close(0);
    const mended = { ...fixtures.hang, run: async () => ({ nothing: null }) };
    const tasks = [fixtures.add, mended];
    const executor = (await import('#engine')).inlineExecutor({ ...bench, tasks });
    const second = engineOn({ tasks, executor, isSoleOwner: true });
    await second.engine.recover();
    expect(await second.engine.finished(id)).toBe('succeeded');
    const run = (await listRuns(bench.database)).items.find((item) => item.id === id);
    expect(run).toMatchObject({ state: 'succeeded' });
    const outcomes = await bench.database.query(
      'select outcome from attempts where run_id = $1 order by goal, number',
      [id],
    );
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['lost', 'succeeded', 'succeeded']);
  });
});

describe('listRuns', () => {
  it('gives pages, newest first', async () => {
    const first = await listRuns(bench.database, { limit: 3 });
    expect(first.items).toHaveLength(3);
    const second = await listRuns(bench.database, { limit: 3, cursor: first.nextCursor ?? '' });
    expect(Number(second.items[0]?.id)).toBeLessThan(Number(first.items[2]?.id));
    expect((await listRuns(bench.database, { pipeline: 'nobody' })).items).toEqual([]);
    const skipped = await listRuns(bench.database, { state: 'skipped' });
    expect(new Set(skipped.items.map(({ state }) => state))).toEqual(new Set(['skipped']));
    await expect(listRuns(bench.database, { cursor: 'not a number' })).rejects.toThrow(/an earlier page of runs/);
  });
});
